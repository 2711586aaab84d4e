-- How this database tells of changes, and where it stands. The tables of $1 are those whose rows matter. Nothing here
-- refers to what may not be installed.
-- On a standby a snapshot does not list the transactions that run, so that none from its xmin on counts as seen.
-- The time is that of the last packet: what was changed before is there, what was changed later is not.
-- Which database it is: a new import has other tables, a restored one as well.
WITH watched AS (
  SELECT to_regclass(CASE WHEN name LIKE '%.%' THEN name ELSE 'musicbrainz.' || name END) AS id
  FROM unnest($1::text[]) AS given (name)
)
SELECT
  coalesce(has_table_privilege(to_regclass('linernotes.change'), 'SELECT'), false)
    AND coalesce(has_table_privilege(to_regclass('linernotes.feed'), 'SELECT'), false),
  EXISTS (
    SELECT FROM pg_trigger
    WHERE tgrelid = to_regclass('dbmirror2.pending_data') AND tgenabled IN ('A', 'O')
      AND tgfoid = to_regprocedure('linernotes.copy_packet()')
  ),
  NOT EXISTS (
    SELECT FROM watched
    WHERE id IS NOT NULL AND NOT EXISTS (
      SELECT FROM pg_trigger
      WHERE tgrelid = id AND tgenabled IN ('A', 'O') AND tgfoid = to_regprocedure('linernotes.record_row()')
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
