-- The artists of exactly these names, whatever their case and accents, the best rated first. Names are compared as in
-- artist_idx_lower_unaccent_name_comment: MusicBrainz has no index on lower(name).
SELECT DISTINCT ON (asked.position) asked.position, artist.gid, artist.name
FROM unnest($1::text[]) WITH ORDINALITY AS asked (name, position)
JOIN artist ON lower(musicbrainz_unaccent(artist.name)) = lower(musicbrainz_unaccent(asked.name))
LEFT JOIN artist_meta ON artist_meta.id = artist.id
ORDER BY asked.position, artist_meta.rating_count DESC NULLS LAST, artist.id
