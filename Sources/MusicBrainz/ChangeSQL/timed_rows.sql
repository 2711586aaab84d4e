-- Rows of a table ({table}) that are newer than $1 (microseconds since 1970), behind those of time $2 and key $3, $4 at most, and
-- that no transaction before $5 wrote ($6 is the next one). A row says in xmin which transaction wrote it here, of which
-- only the lower half is kept. What a row refers to follows: a key, an id and a name.
SELECT
  (extract(epoch FROM changed.{time}) * 1000000)::int8,
  ({key})::int8,
  ({first})::int8,
  ({id})::uuid,
  ({name})::text
FROM (
  SELECT *, xmin AS writer
  FROM {table}
  WHERE {time} > to_timestamp(0) + greatest($1::int8, $2::int8 - 1) * interval '1 microsecond' AND {time} <= 'infinity'
) AS changed
WHERE ((extract(epoch FROM changed.{time}) * 1000000)::int8, ({key})::int8) > ($2::int8, $3::int8)
  AND $6::int8 - ((($6::int8 & 4294967295) - writer::text::int8) & 4294967295) >= $5::int8
ORDER BY changed.{time}, ({key})::int8
LIMIT $4::int8
