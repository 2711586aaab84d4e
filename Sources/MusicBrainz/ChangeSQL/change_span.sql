-- The recorded changes that snapshot $2 sees and snapshot $1 does not, behind transaction $3 and change $4, until they
-- hold $5 rows; change_idx_transaction has them in this order. Transactions are committed in another order than they
-- begin, so what was seen is told by snapshots. `transaction` alone would be its text in the last line.
WITH next AS MATERIALIZED (
  SELECT id, transaction, made, count
  FROM linernotes.change
  WHERE transaction >= pg_snapshot_xmin($1::text::pg_snapshot)
    AND (transaction, id) > ($3::text::xid8, $4::int8)
    AND transaction < pg_snapshot_xmax($2::text::pg_snapshot)
    AND NOT pg_visible_in_snapshot(transaction, $1::text::pg_snapshot)
    AND pg_visible_in_snapshot(transaction, $2::text::pg_snapshot)
  ORDER BY transaction, id
  LIMIT $5::int8
)
SELECT id, transaction::text, count, extract(epoch FROM made)::int8
FROM (SELECT *, sum(count) OVER (ORDER BY transaction, id) - count AS before FROM next) AS counted
WHERE before < $5::int8
ORDER BY counted.transaction, id
