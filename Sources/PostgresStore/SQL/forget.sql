-- Forgets what has an earlier revision than $3. The rows of revocations stay: they are what refuses an older computation.
DELETE FROM cache.document AS document
USING unnest($1::text[], $2::uuid[]) AS asked (kind, id)
WHERE document.kind = asked.kind AND document.id = asked.id AND document.revision <= $3::bigint
