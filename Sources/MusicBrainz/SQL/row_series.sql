-- The series of these rows.
SELECT gid
FROM series
WHERE id = ANY ($1::int8[])
