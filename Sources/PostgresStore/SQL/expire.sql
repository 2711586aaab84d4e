UPDATE cache.document AS document
SET expires = $3::bigint
FROM unnest($1::text[], $2::uuid[]) AS asked (kind, id)
WHERE document.kind = asked.kind AND document.id = asked.id
