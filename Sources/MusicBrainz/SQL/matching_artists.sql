-- The artists of exactly these names, whatever their case, the best rated first; artist_idx_lower_name finds them.
SELECT DISTINCT ON (asked.position) asked.position, artist.gid, artist.name
FROM unnest($1::text[]) WITH ORDINALITY AS asked (name, position)
JOIN artist ON lower(artist.name) = lower(asked.name)
LEFT JOIN artist_meta ON artist_meta.id = artist.id
ORDER BY asked.position, artist_meta.rating_count DESC NULLS LAST, artist.id
