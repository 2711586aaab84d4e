-- How this database tells of changes, and where it stands. The tables of $1 are those whose rows matter. Nothing here
-- refers to what may not be installed, or may not be looked at: the catalogue is asked by name.
-- On a standby a snapshot does not list the transactions that run, so that none from its xmin on counts as seen.
-- The time is that of the last packet: what was changed before is there, what was changed later is not.
-- Which database it is: a new import has other tables, a restored one as well.
WITH relation AS (
  SELECT class.oid, namespace.oid AS namespace, namespace.nspname, class.relname
  FROM pg_class AS class JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace
  WHERE namespace.nspname IN ('musicbrainz', 'cover_art_archive', 'dbmirror2', 'linernotes') AND class.relkind IN ('r', 'p')
),
recorder AS (
  SELECT pg_trigger.tgrelid, pg_proc.proname
  FROM pg_trigger
  JOIN pg_proc ON pg_proc.oid = pg_trigger.tgfoid
  JOIN pg_namespace AS namespace ON namespace.oid = pg_proc.pronamespace
  WHERE namespace.nspname = 'linernotes' AND pg_trigger.tgenabled IN ('A', 'O')
)
SELECT
  (
    SELECT count(*) = 2
    FROM relation
    WHERE nspname = 'linernotes' AND relname IN ('change', 'feed')
      AND has_schema_privilege(namespace, 'USAGE') AND has_table_privilege(oid, 'SELECT')
  ),
  EXISTS (
    SELECT FROM recorder JOIN relation ON relation.oid = recorder.tgrelid
    WHERE recorder.proname = 'copy_packet' AND relation.nspname = 'dbmirror2' AND relation.relname = 'pending_data'
  ),
  NOT EXISTS (
    SELECT FROM relation JOIN unnest($1::text[]) AS watched (name)
      ON watched.name = CASE nspname WHEN 'musicbrainz' THEN relname ELSE nspname || '.' || relname END
    WHERE NOT EXISTS (
      SELECT FROM recorder WHERE recorder.tgrelid = relation.oid AND recorder.proname = 'record_row'
    )
  ),
  (SELECT oid FROM pg_database WHERE datname = current_database()) || '.' || 'artist'::regclass::oid,
  pg_is_in_recovery(),
  CASE
    WHEN pg_is_in_recovery()
    THEN format('%1$s:%1$s:', pg_snapshot_xmin(pg_current_snapshot()))
    ELSE pg_current_snapshot()::text
  END,
  (SELECT max(current_replication_sequence)::int8 FROM replication_control),
  (
    extract(epoch FROM least(now(), (SELECT max(last_replication_date) FROM replication_control))) * 1000000
  )::int8
