-- The release group of each of these releases, also of one that was merged, by the id that was asked for.
SELECT asked.gid, release_group.gid
FROM (
  SELECT gid, release_group FROM release WHERE gid = ANY ($1::uuid[])
  UNION ALL
  SELECT redirect.gid, release.release_group
  FROM release_gid_redirect AS redirect JOIN release ON release.id = redirect.new_id
  WHERE redirect.gid = ANY ($1::uuid[])
) AS asked
JOIN release_group ON release_group.id = asked.release_group
