-- Takes out what was purged, unless it has been added or claimed again.
DELETE FROM cache.purge AS purge
USING unnest($1::text[], $2::uuid[], $3::bigint[]) AS held (kind, id, lease)
WHERE purge.kind = held.kind AND purge.id = held.id AND purge.lease = held.lease
