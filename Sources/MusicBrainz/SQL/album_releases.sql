-- The releases, without what a release has several of. Their order is made later: it depends on their dates. A status
-- that is not there has an empty name. Last, whether MusicBrainz knows any track of it, also one that is not listed.
WITH asked AS (
  SELECT id FROM release_group WHERE gid = ANY ($1::uuid[])
  UNION
  SELECT new_id FROM release_group_gid_redirect WHERE gid = ANY ($1::uuid[])
)
SELECT
  release.release_group,
  release.id,
  release.gid,
  release.name,
  release.comment,
  CASE WHEN release.status IS NOT NULL THEN coalesce(release_status.name, '') END,
  release_gid_redirect.gid,
  EXISTS (SELECT FROM medium JOIN track ON track.medium = medium.id WHERE medium.release = release.id)
FROM asked
JOIN release ON release.release_group = asked.id
LEFT JOIN release_status ON release_status.id = release.status
LEFT JOIN release_gid_redirect ON release_gid_redirect.new_id = release.id
ORDER BY release.id, release_gid_redirect.gid
