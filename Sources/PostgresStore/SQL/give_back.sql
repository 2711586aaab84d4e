-- Lets go of claims ($3: until when they were to last, in microseconds), unless they have become somebody else's.
UPDATE cache.document AS document
SET claimed_until = '-infinity'
FROM unnest($1::text[], $2::uuid[], $3::bigint[]) AS claimed (kind, id, until)
WHERE document.kind = claimed.kind AND document.id = claimed.id
  AND document.claimed_until = timestamptz 'epoch' + claimed.until * interval '1 microsecond'
