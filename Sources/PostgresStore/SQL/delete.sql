DELETE FROM cache.document AS document
USING unnest($1::text[], $2::uuid[]) AS asked (kind, id)
WHERE document.kind = asked.kind AND document.id = asked.id
