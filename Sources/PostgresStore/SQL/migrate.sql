-- Brings the database of the durable cache to the present layout, whatever it finds. Several processes may start this
-- at the same time; the lock lets them through one by one.
SELECT pg_advisory_xact_lock(hashtext('linernotes cache'));

CREATE SCHEMA IF NOT EXISTS cache;

CREATE TABLE IF NOT EXISTS cache.layout (version integer NOT NULL);

-- 1: documents. Times are Unix seconds. A document whose value is null is known to exist and has yet to be computed.
CREATE TABLE IF NOT EXISTS cache.document (
  kind text NOT NULL,
  id uuid NOT NULL,
  -- What the document was made with; one of another generation is none.
  generation bigint NOT NULL,
  -- From here on it is stale.
  expires bigint NOT NULL,
  -- When its content last became another, which is not when it was last computed.
  updated bigint NOT NULL,
  fingerprint bigint NOT NULL,
  value bytea,
  PRIMARY KEY (kind, id)
);

-- Values are compressed already.
ALTER TABLE cache.document ALTER COLUMN value SET STORAGE EXTERNAL;

CREATE INDEX IF NOT EXISTS document_idx_expires ON cache.document (kind, expires);

CREATE INDEX IF NOT EXISTS document_idx_updated ON cache.document (kind, updated);

DELETE FROM cache.layout;

INSERT INTO cache.layout VALUES (1);
