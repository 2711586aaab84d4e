-- The series of this id, also of one that was merged.
SELECT gid FROM series WHERE gid = $1::uuid
UNION ALL
SELECT series.gid
FROM series_gid_redirect JOIN series ON series.id = series_gid_redirect.new_id
WHERE series_gid_redirect.gid = $1::uuid
