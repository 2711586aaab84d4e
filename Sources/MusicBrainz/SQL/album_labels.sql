-- The labels of the releases. One that is listed without a label (only a catalogue number) is no label.
WITH asked AS (
  SELECT id FROM release_group WHERE gid = ANY ($1::uuid[])
  UNION
  SELECT new_id FROM release_group_gid_redirect WHERE gid = ANY ($1::uuid[])
)
SELECT DISTINCT release_label.release, label.name COLLATE "C"
FROM asked
JOIN release ON release.release_group = asked.id
JOIN release_label ON release_label.release = release.id
JOIN label ON label.id = release_label.label
ORDER BY 1, 2
