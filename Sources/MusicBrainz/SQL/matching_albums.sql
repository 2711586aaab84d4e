-- The release groups of exactly these titles whose credit begins with an artist of exactly these names, whatever their
-- case and accents; albums before singles of the same title, then the best rated first. The artists are found by
-- artist_idx_lower_unaccent_name_comment. Various Artists is left out: its hundreds of thousands of release groups would
-- all have to be looked at.
SELECT DISTINCT ON (asked.position)
  asked.position,
  release_group.gid,
  release_group.name,
  artist.gid,
  artist.name,
  release_group_meta.first_release_date_year,
  release_group_meta.first_release_date_month,
  release_group_meta.first_release_date_day
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS asked (title, artist, position)
JOIN artist
  ON lower(musicbrainz_unaccent(artist.name)) = lower(musicbrainz_unaccent(asked.artist))
  AND artist.gid <> '89ad4ac3-39f7-470e-963a-56509c546377'
JOIN artist_credit_name AS credit ON credit.artist = artist.id AND credit.position = 0
JOIN release_group
  ON release_group.artist_credit = credit.artist_credit
  AND lower(musicbrainz_unaccent(release_group.name)) = lower(musicbrainz_unaccent(asked.title))
LEFT JOIN release_group_primary_type ON release_group_primary_type.id = release_group.type
LEFT JOIN release_group_meta ON release_group_meta.id = release_group.id
ORDER BY
  asked.position,
  (release_group_primary_type.name IS NOT DISTINCT FROM 'Album') DESC,
  release_group_meta.rating_count DESC NULLS LAST,
  release_group.id
