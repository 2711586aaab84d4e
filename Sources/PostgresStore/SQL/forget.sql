-- Forgets what has an earlier revision than $3. The rows stay as marks of revocation do: they are what refuses an older
-- computation, and are gone later. They are never due. That a document is gone is a change.
UPDATE cache.document AS document
SET value = NULL, expires = 9223372036854775807, fingerprint = 0, updated = $4::bigint,
  revision = greatest(document.revision, $3::bigint), claimed_until = '-infinity',
  announced = CASE WHEN document.value IS NULL THEN document.announced ELSE $4::bigint END
FROM unnest($1::text[], $2::uuid[]) AS asked (kind, id)
WHERE document.kind = asked.kind AND document.id = asked.id AND document.revision <= $3::bigint
