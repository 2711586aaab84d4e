-- What changed since a moment, the newest first. Several kinds of document may make up one entity. However many have
-- changed, an index gives the newest of each kind, and no others are read: the newest of all are among them.
SELECT id, max(changed)
FROM unnest($1::text[]) AS asked (kind)
CROSS JOIN LATERAL (
  (
    SELECT document.id, document.updated AS changed
    FROM cache.document
    WHERE document.kind = asked.kind AND document.updated >= $2::bigint AND document.value IS NOT NULL
    ORDER BY document.updated DESC
    LIMIT $3::bigint
  )
  UNION ALL
  (
    SELECT document.id, document.announced
    FROM cache.document
    WHERE document.kind = asked.kind AND document.announced >= $2::bigint AND document.announced > 0
    ORDER BY document.announced DESC
    LIMIT $3::bigint
  )
) AS newest
GROUP BY id
ORDER BY max(changed) DESC, id
LIMIT $3::bigint
