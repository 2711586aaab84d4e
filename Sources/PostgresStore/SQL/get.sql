-- What was revoked before there was a document is told as well (value null): there may be an older one elsewhere.
SELECT asked.position, document.expires, document.value
FROM unnest($1::text[], $2::uuid[]) WITH ORDINALITY AS asked (kind, id, position)
JOIN cache.document AS document ON document.kind = asked.kind AND document.id = asked.id
WHERE document.value IS NOT NULL OR (document.expires = 0 AND document.updated > 0)
