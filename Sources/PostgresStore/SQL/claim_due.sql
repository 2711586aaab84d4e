-- Makes up to $4 documents of a kind somebody's own for $5 seconds: first what is stale before $2, the oldest first; then
-- what was made under another stamp than $3 (0: stamps say nothing of this kind); then what is only known to exist. Of
-- those that are due, only the ones that were asked for since the hour $6 count. $7: whether the values are wanted.
-- A claim that ends later than any can was made before the clock was set back.
WITH claim AS MATERIALIZED (
  SELECT moment, moment + make_interval(secs => $5::bigint) AS until FROM (SELECT clock_timestamp()) AS clock (moment)
), stale AS (
  SELECT id
  FROM cache.document
  WHERE kind = $1::text AND expires >= 0 AND expires < $2::bigint AND (value IS NOT NULL OR updated = 0)
    AND used >= $6::bigint
    AND (claimed_until <= (SELECT moment FROM claim) OR claimed_until > (SELECT moment FROM claim) + interval '1 hour')
  ORDER BY expires
  LIMIT $4::bigint
  FOR UPDATE SKIP LOCKED
), below AS (
  SELECT id
  FROM cache.document
  WHERE $3::bigint <> 0 AND kind = $1::text AND stamp < $3::bigint AND stamp <> 0 AND value IS NOT NULL
    AND used >= $6::bigint
    AND (claimed_until <= (SELECT moment FROM claim) OR claimed_until > (SELECT moment FROM claim) + interval '1 hour')
  ORDER BY stamp
  LIMIT $4::bigint - (SELECT count(*) FROM stale)
  FOR UPDATE SKIP LOCKED
), above AS (
  SELECT id
  FROM cache.document
  WHERE $3::bigint <> 0 AND kind = $1::text AND stamp > $3::bigint AND stamp <> 0 AND value IS NOT NULL
    AND used >= $6::bigint
    AND (claimed_until <= (SELECT moment FROM claim) OR claimed_until > (SELECT moment FROM claim) + interval '1 hour')
  ORDER BY stamp
  LIMIT $4::bigint - (SELECT count(*) FROM stale) - (SELECT count(*) FROM below)
  FOR UPDATE SKIP LOCKED
), awaited AS (
  SELECT id
  FROM cache.document
  WHERE kind = $1::text AND expires < 0 AND (value IS NOT NULL OR updated = 0) AND used >= $6::bigint
    AND (claimed_until <= (SELECT moment FROM claim) OR claimed_until > (SELECT moment FROM claim) + interval '1 hour')
  ORDER BY expires
  LIMIT $4::bigint - (SELECT count(*) FROM stale) - (SELECT count(*) FROM below) - (SELECT count(*) FROM above)
  FOR UPDATE SKIP LOCKED
)
UPDATE cache.document AS document
SET claimed_until = (SELECT until FROM claim)
FROM (
  SELECT id FROM stale UNION SELECT id FROM below UNION SELECT id FROM above UNION SELECT id FROM awaited
) AS due
WHERE document.kind = $1::text AND document.id = due.id
RETURNING
  document.id, document.expires, document.fingerprint, document.stamp,
  (extract(epoch FROM document.claimed_until) * 1000000)::bigint, document.value IS NOT NULL,
  CASE WHEN $7::bigint = 1 THEN document.value END
