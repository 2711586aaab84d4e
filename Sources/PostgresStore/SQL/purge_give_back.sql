-- Lets go of purges as if they had never been claimed.
UPDATE cache.purge AS purge SET
  lease = NULL,
  leased_until = '-infinity',
  attempts = greatest(purge.attempts - 1, 0)
FROM unnest($1::text[], $2::uuid[], $3::bigint[]) AS held (kind, id, lease)
WHERE purge.kind = held.kind AND purge.id = held.id AND purge.lease = held.lease
