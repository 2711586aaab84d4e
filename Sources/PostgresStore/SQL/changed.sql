-- What changed since a moment, the newest first. Several kinds of document may make up one entity. However many have
-- changed, document_idx_updated gives the newest of each kind, and no others are read: the newest of all are among them.
SELECT id, max(updated)
FROM unnest($1::text[]) AS asked (kind)
CROSS JOIN LATERAL (
  SELECT document.id, document.updated
  FROM cache.document
  WHERE document.kind = asked.kind AND document.updated >= $2::bigint AND document.value IS NOT NULL
  ORDER BY document.updated DESC
  LIMIT $3::bigint
) AS newest
GROUP BY id
ORDER BY max(updated) DESC, id
LIMIT $3::bigint
