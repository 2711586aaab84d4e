-- When and where the releases came out.
WITH asked AS (
  SELECT id FROM release_group WHERE gid = ANY ($1::uuid[])
  UNION
  SELECT new_id FROM release_group_gid_redirect WHERE gid = ANY ($1::uuid[])
)
SELECT event.release, area.name, event.date_year, event.date_month, event.date_day
FROM asked
JOIN release ON release.release_group = asked.id
JOIN release_country AS event ON event.release = release.id
JOIN area ON area.id = event.country
UNION ALL
SELECT event.release, NULL, event.date_year, event.date_month, event.date_day
FROM asked
JOIN release ON release.release_group = asked.id
JOIN release_unknown_country AS event ON event.release = release.id
