-- The media. One without a format is a medium all the same.
WITH asked AS (
  SELECT id FROM release_group WHERE gid = ANY ($1::uuid[])
  UNION
  SELECT new_id FROM release_group_gid_redirect WHERE gid = ANY ($1::uuid[])
)
SELECT medium.release, medium.id, medium.position, medium.name, medium_format.name
FROM asked
JOIN release ON release.release_group = asked.id
JOIN medium ON medium.release = release.id
LEFT JOIN medium_format ON medium_format.id = medium.format
ORDER BY medium.release, medium.position, medium.id
