-- Which epoch the recorded changes are of, whether all tables of $1 are recorded, whether a packet is half applied, the
-- transaction of the packet that was copied last, and since when changes have been recorded, in microseconds since 1970.
-- The order names the table as well: a column's name alone means what is selected, which is a text.
SELECT
  feed.epoch::text,
  feed.tables @> $1::text[],
  linernotes.is_half_applied(),
  (
    SELECT transaction::text
    FROM linernotes.change
    WHERE tablename = 'replication_control'
    ORDER BY change.transaction DESC, id DESC
    LIMIT 1
  ),
  (extract(epoch FROM feed.begun) * 1000000)::int8
FROM linernotes.feed
