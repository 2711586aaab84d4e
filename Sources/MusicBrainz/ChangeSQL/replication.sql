-- Where replication stands: the number of the last packet, how many seconds old it is, the schema's version, and whether a
-- packet is half applied. query_to_xml keeps this from referring to a table that may be missing. Where a packet is applied
-- in one transaction, the table is locked meanwhile, and nothing of the packet is seen.
WITH pending AS (
  SELECT class.oid
  FROM pg_class AS class JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace
  WHERE namespace.nspname = 'dbmirror2' AND class.relname = 'pending_data'
    AND has_schema_privilege(namespace.oid, 'USAGE') AND has_table_privilege(class.oid, 'SELECT')
)
SELECT
  max(current_replication_sequence)::int8,
  extract(epoch FROM now() - max(last_replication_date))::int8,
  max(current_schema_sequence)::int8,
  CASE
    WHEN NOT EXISTS (SELECT FROM pending) THEN false
    WHEN EXISTS (
      SELECT FROM pg_locks JOIN pending ON pending.oid = pg_locks.relation
      WHERE mode = 'AccessExclusiveLock' AND granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    )
    THEN false
    ELSE query_to_xml('SELECT FROM dbmirror2.pending_data LIMIT 1', false, true, '')::text <> ''
  END
FROM replication_control
