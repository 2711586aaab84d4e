-- Brings the database of the durable cache to the present layout, whatever it finds. Several processes may start this
-- at the same time; the lock lets them through one by one.
SELECT pg_advisory_xact_lock(hashtext('linernotes cache'));

CREATE SCHEMA IF NOT EXISTS cache;

CREATE TABLE IF NOT EXISTS cache.layout (version integer NOT NULL);

-- 1: documents. Times are Unix seconds. A document whose value is null is known to exist and has yet to be computed.
CREATE TABLE IF NOT EXISTS cache.document (
  kind text NOT NULL,
  id uuid NOT NULL,
  -- What builds before layout 2 tell documents of other settings by. For them, 0 is none of theirs.
  generation bigint NOT NULL,
  -- From here on it is stale; 0 when it has been revoked, -1 when it is only known to exist.
  expires bigint NOT NULL,
  -- When its content last changed, which is not when it was last computed; 0 for what has never changed since it was
  -- first stored. Without a value: when it was revoked.
  updated bigint NOT NULL,
  fingerprint bigint NOT NULL,
  value bytea,
  PRIMARY KEY (kind, id)
);

-- Values are compressed already.
ALTER TABLE cache.document ALTER COLUMN value SET STORAGE EXTERNAL;

CREATE INDEX IF NOT EXISTS document_idx_updated ON cache.document (kind, updated);

-- 2: revisions. Whoever computes a document takes one before the source is asked, and what comes of it replaces only what
-- has an earlier one. Builds that know nothing of it leave the revision as it is.
CREATE SEQUENCE IF NOT EXISTS cache.revision;

ALTER TABLE cache.document ADD COLUMN IF NOT EXISTS revision bigint NOT NULL DEFAULT 0;

CREATE INDEX IF NOT EXISTS document_idx_revoked ON cache.document (updated) WHERE value IS NULL AND updated > 0;

-- 3: small values that processes agree by (leases, counters, pauses), and the queue of what is to be built. Builds of
-- layout 2 know nothing of them and go on.
--
-- A small value is worth nothing after a crash: whoever held a lease is gone as well. So no log is written for them.
-- There is no index on times, so that a counter or a lease is changed within its page. What has expired is deleted now
-- and then; room is left for what is written until then.
CREATE UNLOGGED TABLE IF NOT EXISTS cache.small_value (
  key text COLLATE "C" PRIMARY KEY,
  value bytea NOT NULL,
  version bigint NOT NULL,
  -- By the server's clock. A value from the future was written before the clock was set back, and counts as expired.
  written timestamptz NOT NULL,
  expires timestamptz NOT NULL
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.1, autovacuum_vacuum_threshold = 1000);

-- Orders the queue among equals.
CREATE SEQUENCE IF NOT EXISTS cache.build_place;

CREATE TABLE IF NOT EXISTS cache.build (
  kind text NOT NULL,
  id uuid NOT NULL,
  -- 0: a person asked, 1: found on the way, 2: scheduled.
  reason smallint NOT NULL,
  -- The reason, or 3 at the end of the queue, where it is after it has failed too often.
  rank smallint NOT NULL,
  place bigint NOT NULL,
  -- A hash of the address of whoever asked.
  client bigint,
  added timestamptz NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  not_before timestamptz NOT NULL DEFAULT '-infinity',
  -- Whose it is, and until when.
  lease bigint,
  leased_until timestamptz NOT NULL DEFAULT '-infinity',
  PRIMARY KEY (kind, id)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.1, autovacuum_vacuum_threshold = 1000);

CREATE INDEX IF NOT EXISTS build_idx_place ON cache.build (rank, place);

-- How many were built since when, in two periods of ten minutes, so that what was long ago counts no longer. One row.
CREATE TABLE IF NOT EXISTS cache.build_progress (
  earlier_since timestamptz NOT NULL,
  earlier_done bigint NOT NULL,
  since timestamptz NOT NULL,
  done bigint NOT NULL
);

INSERT INTO cache.build_progress
SELECT clock_timestamp(), 0, clock_timestamp(), 0
WHERE NOT EXISTS (SELECT FROM cache.build_progress);

-- 4: what was said to have changed, what is due for another reason than its age, who makes it anew, and how far readers of
-- changes have come. Builds of layout 3 know nothing of it and go on.
--
-- When the document was said to have changed, where nobody has compared the content yet; or when it was found to be gone.
-- 0 for neither.
ALTER TABLE cache.document ADD COLUMN IF NOT EXISTS announced bigint NOT NULL DEFAULT 0;

-- What the settings and the program were that it was made with, as in the value; 0 when nobody has noted it.
ALTER TABLE cache.document ADD COLUMN IF NOT EXISTS stamp bigint NOT NULL DEFAULT 0;

-- Until when it is somebody's to make anew, by the clock of the server.
ALTER TABLE cache.document ADD COLUMN IF NOT EXISTS claimed_until timestamptz NOT NULL DEFAULT '-infinity';

-- When somebody last asked for what is made anew here, in hours since 1970; 0 when only a crawler ever made it.
ALTER TABLE cache.document ADD COLUMN IF NOT EXISTS used bigint NOT NULL DEFAULT 0;

-- In the order in which documents fall due. Marks of revocation never do, and there may be many of them.
CREATE INDEX IF NOT EXISTS document_idx_due ON cache.document (kind, expires) WHERE value IS NOT NULL OR updated = 0;

DROP INDEX IF EXISTS cache.document_idx_expires;

CREATE INDEX IF NOT EXISTS document_idx_stamp ON cache.document (kind, stamp) WHERE value IS NOT NULL;

CREATE INDEX IF NOT EXISTS document_idx_announced ON cache.document (kind, announced) WHERE announced > 0;

CREATE TABLE IF NOT EXISTS cache.bookmark (
  name text COLLATE "C" PRIMARY KEY,
  value text NOT NULL
);

-- What caches in front of the server have yet to be told to forget.
CREATE SEQUENCE IF NOT EXISTS cache.purge_place;

CREATE TABLE IF NOT EXISTS cache.purge (
  kind text NOT NULL,
  id uuid NOT NULL,
  place bigint NOT NULL,
  added timestamptz NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  not_before timestamptz NOT NULL,
  -- Whose it is, and until when.
  lease bigint,
  leased_until timestamptz NOT NULL DEFAULT '-infinity',
  PRIMARY KEY (kind, id)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.1, autovacuum_vacuum_threshold = 1000);

CREATE INDEX IF NOT EXISTS purge_idx_place ON cache.purge (place);

DELETE FROM cache.layout;

INSERT INTO cache.layout VALUES (4);
