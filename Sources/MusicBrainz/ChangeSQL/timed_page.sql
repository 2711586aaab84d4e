-- The same of the $4 rows of {table} behind key $3, where no index leads to the latest. The last row says which key was
-- looked at last, and has no time. $2 is not used.
WITH page AS MATERIALIZED (
  SELECT *, xmin AS writer FROM {table} WHERE id > $3::int8 ORDER BY id LIMIT $4::int8
)
SELECT
  (extract(epoch FROM changed.{time}) * 1000000)::int8 AS moment,
  ({key})::int8 AS key,
  ({first})::int8 AS first,
  ({id})::uuid AS id,
  ({name})::text AS name
FROM page AS changed
WHERE changed.{time} > to_timestamp(0) + greatest($1::int8, $2::int8) * interval '1 microsecond'
  AND $6::int8 - ((($6::int8 & 4294967295) - writer::text::int8) & 4294967295) >= $5::int8
UNION ALL
SELECT NULL, max(id), NULL, NULL, NULL FROM page
