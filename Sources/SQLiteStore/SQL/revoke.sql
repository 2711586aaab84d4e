-- Gives a document a later revision than any computation under way has, and has it computed anew. One that is not there
-- leaves a row without a value, which is all that refuses such a computation: it has to outlive the longest. So does one
-- that says that there is no such thing. What is said to have changed (?5) is told at once.
INSERT INTO document (kind, id, expires, updated, fingerprint, revision, value)
VALUES (?1, ?2, 0, ?3, 0, ?4, NULL)
ON CONFLICT (id, kind) DO UPDATE SET
  expires = 0,
  claimed_until = 0,
  updated = CASE
    WHEN document.is_gone OR (document.value IS NULL AND document.updated > 0) THEN excluded.updated
    ELSE document.updated
  END,
  value = CASE WHEN document.is_gone THEN NULL ELSE document.value END,
  announced = CASE
    WHEN ?5 AND document.value IS NOT NULL AND NOT document.is_gone THEN ?3
    ELSE document.announced
  END,
  is_gone = 0,
  revision = excluded.revision
