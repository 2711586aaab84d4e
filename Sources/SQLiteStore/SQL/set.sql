-- Keeps a document that nobody has revoked or replaced since the revision ?5 was handed out. `updated` moves only with
-- the content, and not for what is stored for the first time: filling a cache changes nothing for anybody. For what is
-- gone it is when that was stored, and that is a change of what was there before. What nobody asked for (?7 is 0) stays
-- whose it is until the claim runs out: it may still be due, and must not be made anew again and again.
INSERT INTO document (kind, id, expires, updated, fingerprint, revision, used, is_gone, value, stamp)
VALUES (?1, ?2, ?3, CASE WHEN ?8 THEN ?6 ELSE 0 END, ?4, ?5, ?7, ?8, ?9, ?10)
ON CONFLICT (id, kind) DO UPDATE SET
  expires = excluded.expires,
  updated = CASE
    WHEN excluded.is_gone THEN ?6
    WHEN document.value IS NULL OR document.is_gone THEN 0
    WHEN document.fingerprint = excluded.fingerprint THEN document.updated
    ELSE ?6
  END,
  announced = CASE
    WHEN NOT excluded.is_gone THEN 0
    WHEN document.value IS NULL OR document.is_gone THEN document.announced
    ELSE ?6
  END,
  claimed_until = iif(?7 = 0, document.claimed_until, 0),
  fingerprint = excluded.fingerprint,
  revision = excluded.revision,
  used = max(document.used, excluded.used),
  is_gone = excluded.is_gone,
  value = excluded.value,
  stamp = excluded.stamp
WHERE document.revision <= excluded.revision
