-- Stores a value for $3 seconds, and tells its key if it did. $4 says what it may replace: the value of that version, -1
-- any, 0 none. What has expired is none.
INSERT INTO cache.small_value AS there (key, value, version, written, expires)
VALUES (
  $1::text, $2::bytea, nextval('cache.revision'), clock_timestamp(),
  clock_timestamp() + make_interval(secs => $3::bigint)
)
ON CONFLICT (key) DO UPDATE SET
  value = excluded.value,
  version = excluded.version,
  written = excluded.written,
  expires = excluded.expires
WHERE
  $4::bigint IN (-1, there.version)
  OR there.expires <= clock_timestamp()
  OR there.written >= clock_timestamp() + interval '5 seconds'
RETURNING there.key
