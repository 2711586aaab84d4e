DELETE FROM cache.small_value WHERE key = $1::text
