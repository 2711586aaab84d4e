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
  -- From here on it is stale; 0 when it has been revoked.
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

CREATE INDEX IF NOT EXISTS document_idx_expires ON cache.document (kind, expires);

CREATE INDEX IF NOT EXISTS document_idx_updated ON cache.document (kind, updated);

-- 2: revisions. Whoever computes a document takes one before the source is asked, and what comes of it replaces only what
-- has an earlier one. Builds that know nothing of it leave the revision as it is.
CREATE SEQUENCE IF NOT EXISTS cache.revision;

ALTER TABLE cache.document ADD COLUMN IF NOT EXISTS revision bigint NOT NULL DEFAULT 0;

CREATE INDEX IF NOT EXISTS document_idx_revoked ON cache.document (updated) WHERE value IS NULL AND updated > 0;

DELETE FROM cache.layout;

INSERT INTO cache.layout VALUES (2);
