-- The values that have not expired.
SELECT asked.position, there.version, there.value
FROM unnest($1::text[]) WITH ORDINALITY AS asked (key, position)
JOIN cache.small_value AS there ON there.key = asked.key
WHERE there.expires > clock_timestamp() AND there.written < clock_timestamp() + interval '5 seconds'
