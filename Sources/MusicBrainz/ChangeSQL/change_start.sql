-- The last recorded change that is an hour older than $1, in microseconds since 1970: a transaction that began later may
-- have been given its number earlier, but not by that much. The column is named with its table: alone, its text is meant.
SELECT transaction::text, id
FROM linernotes.change
WHERE made < to_timestamp(0) + $1::int8 * interval '1 microsecond' - interval '1 hour'
ORDER BY change.transaction DESC, id DESC
LIMIT 1
