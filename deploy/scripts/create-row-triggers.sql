-- Records changed rows in a MusicBrainz database that gets no replication packets: one that is fed by logical replication,
-- or a master of your own. Run create-indices.sql first, then this, once the rows have been imported, with psql, as the
-- owner of the tables:
--
--   psql -d musicbrainz_db -f deploy/scripts/create-row-triggers.sql
--
-- It may be run again at any time. Each write to a table that linernotes reads then costs about 0.1 ms more. Where packets
-- are copied as well, linernotes is told of each change twice.
--
--   -v remove=on     removes the triggers
\set QUIET on
\set ON_ERROR_STOP on
\if :{?remove} \else \set remove off \endif
SET client_min_messages = warning;
SET lock_timeout = '30s';

SELECT pg_is_in_recovery() AS is_standby, to_regclass('linernotes.feed') IS NULL AS is_absent \gset
\if :is_standby
  \echo 'This server is a standby. Run the script on its primary; what it makes is replicated.'
  \quit
\endif
\if :is_absent
  \echo 'There is no table linernotes.feed. Run create-indices.sql first.'
  \quit
\endif
\if :remove
  DROP FUNCTION IF EXISTS linernotes.record_row() CASCADE;
  \echo 'Removed the triggers.'
  \quit
\endif

BEGIN;
-- Records one row. Nothing that goes wrong here may fail the write, so every error is caught.
CREATE OR REPLACE FUNCTION linernotes.record_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
  unseen CONSTANT text[] := ARRAY['edits_pending', 'last_updated', 'ref_count', 'track_count', 'release_count'];
  name CONSTANT text := CASE WHEN TG_TABLE_SCHEMA = 'musicbrainz' THEN '' ELSE TG_TABLE_SCHEMA || '.' END || TG_TABLE_NAME;
  before jsonb;
  after jsonb;
  place bigint;
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    RAISE EXCEPTION 'table % was truncated', name;
  END IF;
  IF TG_OP <> 'INSERT' THEN
    before := to_jsonb(OLD) - unseen;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    after := to_jsonb(NEW) - unseen;
  END IF;
  IF before IS NOT DISTINCT FROM after THEN
    RETURN NULL;
  END IF;
  IF name = 'artist_credit_name' THEN
    IF TG_OP = 'DELETE' AND before ->> 'position' = '0' THEN
      INSERT INTO linernotes.credit (artist_credit, artist)
      VALUES ((before ->> 'artist_credit')::int, (before ->> 'artist')::int);
    END IF;
    RETURN NULL;
  END IF;
  INSERT INTO linernotes.change (tablename, count, rows)
  VALUES (
    name, 1, jsonb_build_array(jsonb_build_object('op', lower(left(TG_OP, 1)), 'old', before, 'new', after))
  )
  RETURNING id INTO place;
  BEGIN
    IF place % 100 = 0 THEN
      PERFORM linernotes.prune(200);
    END IF;
    PERFORM linernotes.wake();
  EXCEPTION WHEN OTHERS OR query_canceled THEN
    NULL;
  END;
  RETURN NULL;
EXCEPTION WHEN OTHERS OR query_canceled THEN
  BEGIN
    INSERT INTO linernotes.gap (reason) VALUES (SQLSTATE || ': ' || left(SQLERRM, 200));
  EXCEPTION WHEN OTHERS OR query_canceled THEN
    NULL;
  END;
  RETURN NULL;
END
$$;
REVOKE EXECUTE ON FUNCTION linernotes.record_row() FROM PUBLIC;

-- Always: also for sessions that apply changes as a replica, which is what logical replication does.
SELECT unnest(ARRAY[
  format('DROP TRIGGER IF EXISTS linernotes_record_row ON %s', class.oid::regclass),
  format('DROP TRIGGER IF EXISTS linernotes_record_truncation ON %s', class.oid::regclass),
  format('CREATE TRIGGER linernotes_record_row AFTER INSERT OR UPDATE OR DELETE ON %s '
    'FOR EACH ROW EXECUTE FUNCTION linernotes.record_row()', class.oid::regclass),
  format('CREATE TRIGGER linernotes_record_truncation AFTER TRUNCATE ON %s '
    'FOR EACH STATEMENT EXECUTE FUNCTION linernotes.record_row()', class.oid::regclass),
  format('ALTER TABLE %s ENABLE ALWAYS TRIGGER linernotes_record_row', class.oid::regclass),
  format('ALTER TABLE %s ENABLE ALWAYS TRIGGER linernotes_record_truncation', class.oid::regclass)
])
FROM linernotes.feed
CROSS JOIN LATERAL unnest(feed.tables) AS watched (name)
JOIN pg_class AS class
  ON class.oid = to_regclass(CASE WHEN watched.name LIKE '%.%' THEN watched.name ELSE 'musicbrainz.' || watched.name END)
\gexec
COMMIT;
\echo 'Changed rows are recorded.'
