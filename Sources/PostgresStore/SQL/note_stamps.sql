-- Notes beside documents what they are stamped with, unless they have been replaced meanwhile.
UPDATE cache.document AS document
SET stamp = found.stamp
FROM unnest($2::uuid[], $3::bigint[]) AS found (id, stamp)
WHERE document.kind = $1::text AND document.id = found.id AND document.stamp = 0 AND document.value IS NOT NULL
