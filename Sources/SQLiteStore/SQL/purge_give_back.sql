UPDATE purge SET lease = NULL, leased_until = 0, attempts = max(0, attempts - 1)
WHERE id = ?1 AND kind = ?2 AND lease = ?3
