-- Whether changes were lost that snapshot $2 sees and snapshot $1 does not: they could not be recorded, or were removed
-- because they were too old, or a packet was applied that nobody copied. The numbers of packets go up one by one, from $3
-- to $4; of a packet that does not say its number nothing can be told.
WITH copied AS (
  SELECT (row -> 'new' ->> 'current_replication_sequence')::int8 AS sequence
  FROM linernotes.change CROSS JOIN LATERAL jsonb_array_elements(change.rows) AS row
  WHERE change.tablename = 'replication_control'
    AND change.transaction >= pg_snapshot_xmin($1::text::pg_snapshot)
    AND NOT pg_visible_in_snapshot(change.transaction, $1::text::pg_snapshot)
    AND pg_visible_in_snapshot(change.transaction, $2::text::pg_snapshot)
)
SELECT
  EXISTS (
    SELECT FROM linernotes.gap
    WHERE NOT pg_visible_in_snapshot(transaction, $1::text::pg_snapshot)
      AND pg_visible_in_snapshot(transaction, $2::text::pg_snapshot)
  )
  OR EXISTS (SELECT FROM linernotes.feed WHERE NOT pg_visible_in_snapshot(pruned, $1::text::pg_snapshot))
  OR coalesce(
    (
      SELECT bool_and(sequence IS NOT NULL)
        AND count(DISTINCT sequence) FILTER (WHERE sequence > $3::int8 AND sequence <= $4::int8) < $4::int8 - $3::int8
      FROM copied
    ),
    $4::int8 > $3::int8
  )
