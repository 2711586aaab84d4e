SELECT value, version, boot, began, lifetime, expires FROM note WHERE key = ?1
