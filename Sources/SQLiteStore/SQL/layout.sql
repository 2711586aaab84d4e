-- The tables of the store. Times are Unix seconds.

-- What was taken last; see revision.sql. A file that takes the place of another begins after it, so that nothing that
-- was begun with the old one is taken for newer than what is in the new one.
CREATE TABLE IF NOT EXISTS revision (value INTEGER NOT NULL);

INSERT INTO revision
SELECT CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)
WHERE NOT EXISTS (SELECT 1 FROM revision);

-- A table with a rowid, and the key in an index beside it: the values do not lie in the tree that is searched.
CREATE TABLE IF NOT EXISTS document (
  kind TEXT NOT NULL,
  -- 16 bytes.
  id BLOB NOT NULL,
  -- From here on it is stale; 0 when it has been revoked, -1 when it is only known to exist.
  expires INTEGER NOT NULL,
  -- When its content last changed, which is not when it was last computed; 0 for what has never changed since it was
  -- first stored. Without a value: when it was revoked.
  updated INTEGER NOT NULL,
  fingerprint INTEGER NOT NULL,
  revision INTEGER NOT NULL DEFAULT 0,
  -- When it was last asked for, in hours since 1970; later for what is to be kept for longer, 0 when nobody has.
  used INTEGER NOT NULL DEFAULT 0,
  -- 1 when it says that there is no such thing, or that it has moved.
  is_gone INTEGER NOT NULL DEFAULT 0,
  -- null when it is known to exist and has yet to be computed.
  value BLOB,
  -- When it was said to have changed, where nobody has compared the content yet; or when it was found to be gone. 0 for
  -- neither.
  announced INTEGER NOT NULL DEFAULT 0,
  -- What the settings and the program were that it was made with, as in the value; 0 when nobody has noted it.
  stamp INTEGER NOT NULL DEFAULT 0,
  -- Until when it is somebody's to make anew, in milliseconds.
  claimed_until INTEGER NOT NULL DEFAULT 0,
  UNIQUE (id, kind)
);

-- In the order in which documents fall due. Marks of revocation never do, and there may be many of them.
CREATE INDEX IF NOT EXISTS document_idx_due ON document (kind, expires)
WHERE is_gone = 0 AND (value IS NOT NULL OR updated = 0);

CREATE INDEX IF NOT EXISTS document_idx_stamp ON document (kind, stamp) WHERE value IS NOT NULL AND is_gone = 0;

CREATE INDEX IF NOT EXISTS document_idx_updated ON document (kind, updated) WHERE value IS NOT NULL AND is_gone = 0;

CREATE INDEX IF NOT EXISTS document_idx_used ON document (used) WHERE value IS NOT NULL;

CREATE INDEX IF NOT EXISTS document_idx_revoked ON document (updated) WHERE value IS NULL AND updated > 0;

CREATE INDEX IF NOT EXISTS document_idx_announced ON document (kind, announced) WHERE announced > 0;

-- How far readers of changes have come.
CREATE TABLE IF NOT EXISTS bookmark (name TEXT NOT NULL UNIQUE, value TEXT NOT NULL);

-- Small values that expire: leases, counters, pauses, marks.
CREATE TABLE IF NOT EXISTS note (
  key TEXT NOT NULL UNIQUE,
  -- No other value under this key has had it.
  version INTEGER NOT NULL,
  -- Which boot of the machine `began` is counted from, and how many milliseconds after it the lifetime began.
  boot INTEGER NOT NULL,
  began INTEGER NOT NULL,
  -- In seconds.
  lifetime INTEGER NOT NULL,
  -- The end of the lifetime by the wall clock, which counts after a restart of the machine.
  expires INTEGER NOT NULL,
  value BLOB NOT NULL
);

CREATE INDEX IF NOT EXISTS note_idx_expires ON note (expires);

-- The queue of what is to be built. Times are Unix seconds.
CREATE TABLE IF NOT EXISTS build (
  kind TEXT NOT NULL,
  -- 16 bytes.
  id BLOB NOT NULL,
  -- 0: a person asked, 1: found on the way, 2: scheduled.
  reason INTEGER NOT NULL,
  -- The reason, or 3 at the end of the queue, where it is after it has failed too often.
  rank INTEGER NOT NULL,
  place INTEGER NOT NULL,
  -- A hash of the address of whoever asked.
  client INTEGER,
  added INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  not_before INTEGER NOT NULL DEFAULT 0,
  -- Whose it is, and until when.
  lease INTEGER,
  leased_until INTEGER NOT NULL DEFAULT 0,
  UNIQUE (id, kind)
);

CREATE INDEX IF NOT EXISTS build_idx_place ON build (rank, place);

-- How many were built since when, in two periods; the last place that was given. One row.
CREATE TABLE IF NOT EXISTS build_progress (
  earlier_since INTEGER NOT NULL,
  earlier_done INTEGER NOT NULL,
  since INTEGER NOT NULL,
  done INTEGER NOT NULL,
  last_place INTEGER NOT NULL
);

INSERT INTO build_progress
SELECT CAST(strftime('%s', 'now') AS INTEGER), 0, CAST(strftime('%s', 'now') AS INTEGER), 0, 0
WHERE NOT EXISTS (SELECT 1 FROM build_progress);

-- What caches in front of the server have yet to be told to forget. Times are Unix seconds.
CREATE TABLE IF NOT EXISTS purge (
  place INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  -- 16 bytes.
  id BLOB NOT NULL,
  added INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  not_before INTEGER NOT NULL,
  -- Whose it is, and until when.
  lease INTEGER,
  leased_until INTEGER NOT NULL DEFAULT 0,
  UNIQUE (id, kind)
);
