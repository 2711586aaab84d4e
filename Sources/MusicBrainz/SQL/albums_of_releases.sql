-- The release groups of releases, and those that exist of release groups, by the id that was asked for.
SELECT DISTINCT ON (asked.gid)
  asked.gid,
  release_group.gid,
  release_group.name,
  artist.gid,
  artist.name,
  release_group_meta.first_release_date_year,
  release_group_meta.first_release_date_month,
  release_group_meta.first_release_date_day
FROM (
  SELECT gid, release_group AS id FROM release WHERE gid = ANY ($1::uuid[])
  UNION ALL
  SELECT release_gid_redirect.gid, release.release_group
  FROM release_gid_redirect JOIN release ON release.id = release_gid_redirect.new_id
  WHERE release_gid_redirect.gid = ANY ($1::uuid[])
  UNION ALL
  SELECT gid, id FROM release_group WHERE gid = ANY ($1::uuid[])
  UNION ALL
  SELECT gid, new_id FROM release_group_gid_redirect WHERE gid = ANY ($1::uuid[])
) AS asked
JOIN release_group ON release_group.id = asked.id
JOIN artist_credit_name AS credit ON credit.artist_credit = release_group.artist_credit AND credit.position = 0
JOIN artist ON artist.id = credit.artist
LEFT JOIN release_group_meta ON release_group_meta.id = release_group.id
ORDER BY asked.gid
