INSERT INTO note (key, version, boot, began, lifetime, expires, value)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
ON CONFLICT (key) DO UPDATE SET
  version = excluded.version, boot = excluded.boot, began = excluded.began, lifetime = excluded.lifetime,
  expires = excluded.expires, value = excluded.value
