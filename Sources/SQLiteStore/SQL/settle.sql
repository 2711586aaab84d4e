-- Keeps a document of which nobody knows whether it is newer than what is there: as a stale one where there is nothing.
-- What is there becomes stale, so that whoever asks next finds out; and whatever is still being computed, or waits to be
-- kept, is refused, for it may be older.
INSERT INTO document (kind, id, expires, updated, fingerprint, revision, used, value, stamp)
VALUES (?1, ?2, min(?3, ?6), 0, ?4, ?5, ?7, ?8, ?9)
ON CONFLICT (id, kind) DO UPDATE SET
  expires = min(document.expires, excluded.expires),
  revision = excluded.revision
