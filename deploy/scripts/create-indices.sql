-- What linernotes wants in a MusicBrainz database (schema 31) to notice changes. Run it once after each import, with
-- psql (PostgreSQL 13 or newer), as the owner of the tables:
--
--   psql -d musicbrainz_db -f deploy/scripts/create-indices.sql
--
-- It may be run again at any time, and adds what is missing. It changes no row and no column of MusicBrainz, and whatever
-- becomes of what it makes, replication goes on. docs/OPERATIONS.md tells what each part is for ("How changes are
-- noticed"). A standby cannot have it: run it on the primary. What the role may not do is left out, with a message.
--
--   -v packets=off   no copy of the rows of replication packets
--   -v indexes=off   no indexes on the times of rows, which take 3 GB; they help a database without that copy, and
--                    `linernotes search-index --refresh`
--   -v remove=on     removes all but the indexes
--
-- create-row-triggers.sql is for databases that get no replication packets.
\set QUIET on
\set ON_ERROR_STOP on
\if :{?packets} \else \set packets on \endif
\if :{?indexes} \else \set indexes on \endif
\if :{?remove} \else \set remove off \endif
SET client_min_messages = warning;
SET lock_timeout = '30s';

SELECT
  pg_is_in_recovery() AS is_standby,
  NOT EXISTS (SELECT FROM pg_tables WHERE schemaname = 'musicbrainz' AND tablename = 'release_group') AS is_absent,
  NOT has_database_privilege(current_database(), 'CREATE') AS may_not_create,
  NOT EXISTS (SELECT FROM pg_tables WHERE schemaname = 'dbmirror2' AND tablename = 'pending_data') AS has_no_packets,
  -- There pending_data is where packets are made.
  EXISTS (
    SELECT FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid JOIN pg_namespace ON pg_namespace.oid = pronamespace
    WHERE nspname = 'dbmirror2' AND proname = 'recordchange'
  ) AS is_master
\gset
\if :is_standby
  \echo 'This server is a standby. Run the script on its primary; what it makes is replicated.'
  \quit
\endif
\if :is_absent
  \echo 'There is no schema musicbrainz in this database.'
  \quit
\endif
\if :remove
  DROP SCHEMA IF EXISTS linernotes CASCADE;
  \echo 'Removed the schema linernotes, with its triggers.'
  \quit
\endif
\if :may_not_create
  \echo 'This role may not create schemas in this database, so no changes are recorded.'
\else

BEGIN;
CREATE SCHEMA IF NOT EXISTS linernotes;

-- One row: what is recorded, and for how long it is kept. Who made it anew begins a new epoch.
CREATE TABLE IF NOT EXISTS linernotes.feed (
  is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
  epoch uuid NOT NULL DEFAULT gen_random_uuid(),
  begun timestamptz NOT NULL DEFAULT now(),
  -- Consumers that come back later than this have to compare all they have.
  keep interval NOT NULL DEFAULT '30 days',
  -- A packet of more rows than this is not copied, and counts as lost.
  most int NOT NULL DEFAULT 500000,
  tables text[] NOT NULL,
  -- The newest transaction that was removed because it was too old.
  pruned xid8
);

-- Changed rows, up to 500 of one table each: an array of {"op": "i", "u" or "d", "old": …, "new": …}.
CREATE TABLE IF NOT EXISTS linernotes.change (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  transaction xid8 NOT NULL DEFAULT pg_current_xact_id(),
  made timestamptz NOT NULL DEFAULT now(),
  tablename text NOT NULL,
  count int NOT NULL,
  rows jsonb NOT NULL
);
CREATE INDEX IF NOT EXISTS change_idx_transaction ON linernotes.change (transaction, id);
CREATE INDEX IF NOT EXISTS change_idx_control ON linernotes.change (transaction, id)
  WHERE tablename = 'replication_control';

-- The first artist of artist credits that were deleted. What was credited so can no longer tell whose it was.
CREATE TABLE IF NOT EXISTS linernotes.credit (
  artist_credit int NOT NULL,
  artist int NOT NULL,
  transaction xid8 NOT NULL DEFAULT pg_current_xact_id()
);
CREATE INDEX IF NOT EXISTS credit_idx_artist_credit ON linernotes.credit (artist_credit);
CREATE INDEX IF NOT EXISTS credit_idx_transaction ON linernotes.credit (transaction);

-- Transactions some of whose changes could not be recorded, and why.
CREATE TABLE IF NOT EXISTS linernotes.gap (
  transaction xid8 NOT NULL DEFAULT pg_current_xact_id(),
  made timestamptz NOT NULL DEFAULT now(),
  reason text NOT NULL
);

INSERT INTO linernotes.feed (tables) VALUES ('{}') ON CONFLICT DO NOTHING;
UPDATE linernotes.feed SET tables = ARRAY[
  'area', 'artist', 'artist_alias', 'artist_credit_name', 'artist_gid_redirect', 'artist_meta', 'artist_tag',
  'artist_type', 'cover_art_archive.art_type', 'cover_art_archive.cover_art', 'cover_art_archive.cover_art_type',
  'cover_art_archive.release_group_cover_art', 'genre', 'l_artist_url', 'l_release_group_series',
  'l_release_group_url', 'l_release_url', 'label', 'medium', 'medium_format', 'recording', 'recording_gid_redirect',
  'release', 'release_country', 'release_gid_redirect', 'release_group', 'release_group_alias',
  'release_group_gid_redirect', 'release_group_meta', 'release_group_primary_type', 'release_group_secondary_type',
  'release_group_secondary_type_join', 'release_group_tag', 'release_label', 'release_meta', 'release_status',
  'release_unknown_country', 'replication_control', 'series', 'series_gid_redirect', 'tag', 'track',
  'track_gid_redirect', 'url'
];

-- Removes a little of what is too old: as much as is usually added in the meantime.
CREATE OR REPLACE FUNCTION linernotes.prune(most int) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  newest xid8;
BEGIN
  WITH removed AS (
    DELETE FROM linernotes.change
    WHERE id IN (
      SELECT oldest.id
      FROM (SELECT id, made FROM linernotes.change ORDER BY transaction, id LIMIT most) AS oldest
      WHERE oldest.made < now() - (SELECT keep FROM linernotes.feed)
    )
    RETURNING transaction
  )
  SELECT transaction INTO newest FROM removed ORDER BY transaction DESC LIMIT 1;
  IF newest IS NOT NULL THEN
    UPDATE linernotes.feed SET pruned = newest;
    DELETE FROM linernotes.credit WHERE transaction <= newest;
    DELETE FROM linernotes.gap WHERE transaction <= newest;
  END IF;
END
$$;

-- Wakes whoever listens, once the transaction is committed. A full queue of notifications would fail the commit.
CREATE OR REPLACE FUNCTION linernotes.wake() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF pg_notification_queue_usage() < 0.5 THEN
    NOTIFY linernotes_changes;
  END IF;
END
$$;

-- Copies a packet's rows when it is loaded, which is one statement. Nothing that goes wrong here may stop replication, so
-- every error is caught. Nothing is assumed of the columns of pending_data. What differs only in what no document shows
-- is left out; that is most of it.
CREATE OR REPLACE FUNCTION linernotes.copy_packet() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
  unseen CONSTANT text[] := ARRAY['edits_pending', 'last_updated', 'ref_count', 'track_count', 'release_count'];
  watched text[];
  largest int;
BEGIN
  IF NOT EXISTS (SELECT FROM packet) THEN
    RETURN NULL;
  END IF;
  BEGIN
    SELECT tables, most INTO STRICT watched, largest FROM linernotes.feed;
    IF (SELECT count(*) FROM packet) > largest THEN
      RAISE EXCEPTION 'the packet has more than % rows', largest;
    END IF;
    IF NOT (SELECT to_jsonb(packet) FROM packet LIMIT 1) ?& ARRAY['seqid', 'tablename', 'op', 'olddata', 'newdata'] THEN
      RAISE EXCEPTION 'dbmirror2.pending_data has other columns';
    END IF;
    WITH changed AS MATERIALIZED (
      SELECT *
      FROM (
        SELECT
          CASE WHEN starts_with(name, 'musicbrainz.') THEN substr(name, 13) ELSE name END AS tablename,
          (data ->> 'seqid')::bigint AS seqid,
          data ->> 'op' AS op,
          nullif(data -> 'olddata', 'null') - unseen AS before,
          nullif(data -> 'newdata', 'null') - unseen AS after
        FROM packet
        CROSS JOIN LATERAL to_jsonb(packet) AS data
        CROSS JOIN LATERAL replace(data ->> 'tablename', '"', '') AS name
      ) AS loaded
      WHERE tablename = ANY (watched) AND before IS DISTINCT FROM after
    ),
    credits AS (
      INSERT INTO linernotes.credit (artist_credit, artist)
      SELECT (before ->> 'artist_credit')::int, (before ->> 'artist')::int
      FROM changed
      WHERE tablename = 'artist_credit_name' AND op = 'd' AND before ->> 'position' = '0'
    )
    INSERT INTO linernotes.change (tablename, count, rows)
    SELECT tablename, count(*), jsonb_agg(jsonb_build_object('op', op, 'old', before, 'new', after) ORDER BY seqid)
    FROM (
      SELECT *, (row_number() OVER (PARTITION BY tablename ORDER BY seqid) - 1) / 500 AS part
      FROM changed
      WHERE tablename <> 'artist_credit_name'
    ) AS parted
    GROUP BY tablename, part;
    IF NOT EXISTS (
      SELECT FROM linernotes.change
      WHERE tablename = 'replication_control' AND transaction = pg_current_xact_id()
    ) THEN
      INSERT INTO linernotes.change (tablename, count, rows)
      VALUES ('replication_control', 0, '[{"op": "u", "old": {}, "new": {}}]');
    END IF;
  EXCEPTION WHEN OTHERS OR query_canceled THEN
    BEGIN
      INSERT INTO linernotes.gap (reason) VALUES (SQLSTATE || ': ' || left(SQLERRM, 200));
    EXCEPTION WHEN OTHERS OR query_canceled THEN
      NULL;
    END;
  END;
  BEGIN
    PERFORM linernotes.prune(200);
    PERFORM linernotes.wake();
  EXCEPTION WHEN OTHERS OR query_canceled THEN
    NULL;
  END;
  RETURN NULL;
END
$$;

-- Whether the packet that was copied last has not been applied in full: MusicBrainz' own tool commits it first, and then
-- its transactions one by one. mbslave does all in one transaction, and keeps others from reading pending_data meanwhile.
CREATE OR REPLACE FUNCTION linernotes.is_half_applied() RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '500ms' AS $$
DECLARE
  copied bigint;
BEGIN
  SELECT (rows -> -1 -> 'new' ->> 'current_replication_sequence')::bigint INTO copied
  FROM linernotes.change
  WHERE tablename = 'replication_control'
  ORDER BY transaction DESC, id DESC
  LIMIT 1;
  IF NOT FOUND OR copied <= (SELECT max(current_replication_sequence) FROM musicbrainz.replication_control)
    OR EXISTS (
      SELECT FROM pg_locks
      WHERE relation = to_regclass('dbmirror2.pending_data') AND mode = 'AccessExclusiveLock' AND granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    )
  THEN
    RETURN false;
  END IF;
  RETURN EXISTS (SELECT FROM dbmirror2.pending_data);
EXCEPTION
  WHEN undefined_table OR invalid_schema_name THEN
    RETURN false;
  WHEN lock_not_available THEN
    RETURN true;
END
$$;

-- The rows are MusicBrainz' own, which anybody may read.
GRANT USAGE ON SCHEMA linernotes TO PUBLIC;
GRANT SELECT ON ALL TABLES IN SCHEMA linernotes TO PUBLIC;
REVOKE EXECUTE ON FUNCTION linernotes.prune(int), linernotes.wake(), linernotes.copy_packet() FROM PUBLIC;
COMMIT;

\if :packets
  \if :is_master
    \echo 'This database makes packets of its own, so none are copied. create-row-triggers.sql is for it.'
  \elif :has_no_packets
    \echo 'There is no dbmirror2.pending_data, so packets are not copied. Run the script again once replication is set up.'
  \else
    SELECT
      NOT (has_schema_privilege(namespace.oid, 'USAGE') AND has_table_privilege(class.oid, 'TRIGGER')) AS may_not_watch,
      NOT EXISTS (
        SELECT FROM pg_trigger WHERE tgrelid = class.oid AND tgname = 'linernotes_copy_packet'
      ) AS is_new
    FROM pg_class AS class JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace
    WHERE namespace.nspname = 'dbmirror2' AND class.relname = 'pending_data'
    \gset
    \if :may_not_watch
      \echo 'This role may not make triggers on dbmirror2.pending_data, so packets are not copied.'
    \else
      \if :is_new
        CREATE TRIGGER linernotes_copy_packet AFTER INSERT ON dbmirror2.pending_data REFERENCING NEW TABLE AS packet
        FOR EACH STATEMENT EXECUTE FUNCTION linernotes.copy_packet();
      \endif
      -- Also where the session applies packets as a replica.
      SELECT 'ALTER TABLE dbmirror2.pending_data ENABLE ALWAYS TRIGGER linernotes_copy_packet'
      FROM pg_class WHERE oid = 'dbmirror2.pending_data'::regclass AND pg_has_role(relowner, 'USAGE')
      \gexec
      \echo 'Packets of replication are copied.'
    \endif
  \endif
\endif
\endif

-- Indexes on the times of rows, where no index begins with that column. One that could not be finished is made again.
\if :indexes
CREATE TEMPORARY TABLE timed (tablename text, columnname text);
INSERT INTO timed VALUES
  ('area', 'last_updated'), ('artist', 'last_updated'), ('artist_alias', 'last_updated'),
  ('artist_gid_redirect', 'created'), ('artist_tag', 'last_updated'), ('genre', 'last_updated'),
  ('l_artist_url', 'last_updated'), ('l_release_group_series', 'last_updated'),
  ('l_release_group_url', 'last_updated'), ('l_release_url', 'last_updated'), ('label', 'last_updated'),
  ('medium', 'last_updated'), ('recording', 'last_updated'), ('recording_gid_redirect', 'created'),
  ('release', 'last_updated'), ('release_gid_redirect', 'created'), ('release_group', 'last_updated'),
  ('release_group_alias', 'last_updated'), ('release_group_gid_redirect', 'created'),
  ('release_group_secondary_type_join', 'created'), ('release_group_tag', 'last_updated'),
  ('release_label', 'last_updated'), ('series_gid_redirect', 'created'), ('track', 'last_updated'),
  ('track_gid_redirect', 'created'), ('url', 'last_updated'), ('cover_art_archive.cover_art', 'date_uploaded');
CREATE TEMPORARY TABLE wanted AS
SELECT
  class.oid,
  namespace.nspname,
  class.relname,
  timed.columnname,
  format('linernotes_idx_%s_%s', class.relname, timed.columnname) AS indexname,
  pg_has_role(class.relowner, 'USAGE') AS is_owner
FROM timed
JOIN pg_namespace AS namespace ON namespace.nspname IN ('musicbrainz', 'cover_art_archive')
JOIN pg_class AS class
  ON class.relnamespace = namespace.oid
    AND CASE namespace.nspname WHEN 'musicbrainz' THEN '' ELSE namespace.nspname || '.' END || class.relname = timed.tablename
JOIN pg_attribute AS attribute ON attribute.attrelid = class.oid AND attribute.attname = timed.columnname
WHERE NOT EXISTS (
  SELECT FROM pg_index
  WHERE indrelid = class.oid AND indkey[0] = attribute.attnum AND indisvalid AND indpred IS NULL
);
\pset format unaligned
\pset tuples_only on
SELECT format('This role does not own %I.%I, which gets no index on times.', nspname, relname)
FROM wanted WHERE NOT is_owner;
SELECT format('DROP INDEX IF EXISTS %I.%I', nspname, indexname) FROM wanted WHERE is_owner
\gexec
RESET lock_timeout;
SELECT format('CREATE INDEX CONCURRENTLY %I ON %I.%I (%I)', indexname, nspname, relname, columnname)
FROM wanted WHERE is_owner
\gexec
\endif
