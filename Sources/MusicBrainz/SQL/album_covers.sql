-- The front and the medium image of every release that has one: a clean scan before a raw one, then the first. Also
-- whether it is raw, and whether the editors chose this release for the cover of the group. Images of a darkened release
-- must not be shown; the Cover Art Archive does not serve them.
WITH asked AS (
  SELECT id FROM release_group WHERE gid = ANY ($1::uuid[])
  UNION
  SELECT new_id FROM release_group_gid_redirect WHERE gid = ANY ($1::uuid[])
)
SELECT DISTINCT ON (release.id, art_type.name)
  release.id,
  art_type.name = 'Front',
  cover_art.id,
  chosen.release IS NOT NULL,
  raw.id IS NOT NULL
FROM asked
JOIN release ON release.release_group = asked.id
JOIN cover_art_archive.cover_art ON cover_art.release = release.id
JOIN cover_art_archive.cover_art_type ON cover_art_type.id = cover_art.id
JOIN cover_art_archive.art_type ON art_type.id = cover_art_type.type_id AND art_type.name IN ('Front', 'Medium')
LEFT JOIN cover_art_archive.cover_art_type AS raw
  ON raw.id = cover_art.id
    AND raw.type_id = (SELECT art_type.id FROM cover_art_archive.art_type WHERE art_type.name = 'Raw/Unedited')
LEFT JOIN release_meta ON release_meta.id = release.id
LEFT JOIN cover_art_archive.release_group_cover_art AS chosen
  ON chosen.release_group = asked.id AND chosen.release = release.id
WHERE release_meta.cover_art_presence IS DISTINCT FROM 'darkened'
ORDER BY release.id, art_type.name, raw.id IS NOT NULL, cover_art.ordering, cover_art.id
