-- Adds $2 to a counter, a decimal number of 64 bits that wraps around. One that is not there, or has expired, begins at
-- 0 and lives for $3 seconds. Tells the new count; nothing if the value is no counter.
INSERT INTO cache.small_value AS there (key, value, version, written, expires)
VALUES (
  $1::text, convert_to($2::text, 'UTF8'), nextval('cache.revision'), clock_timestamp(),
  clock_timestamp() + make_interval(secs => $3::bigint)
)
ON CONFLICT (key) DO UPDATE SET
  value = CASE
    WHEN there.expires > clock_timestamp() AND there.written < clock_timestamp() + interval '5 seconds'
    THEN convert_to(mod(encode(there.value, 'escape')::numeric + $2::text::numeric, 18446744073709551616)::text, 'UTF8')
    ELSE excluded.value
  END,
  version = excluded.version,
  written = CASE
    WHEN there.expires > clock_timestamp() AND there.written < clock_timestamp() + interval '5 seconds'
    THEN there.written
    ELSE excluded.written
  END,
  expires = CASE
    WHEN there.expires > clock_timestamp() AND there.written < clock_timestamp() + interval '5 seconds'
    THEN there.expires
    ELSE excluded.expires
  END
WHERE
  there.expires <= clock_timestamp()
  OR there.written >= clock_timestamp() + interval '5 seconds'
  OR CASE
    WHEN encode(there.value, 'escape') ~ '^[0-9]{1,20}$'
    THEN encode(there.value, 'escape')::numeric <= 18446744073709551615
    ELSE false
  END
RETURNING encode(there.value, 'escape')
