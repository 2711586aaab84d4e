UPDATE build SET
  lease = NULL, leased_until = 0, attempts = max(attempts - 1, 0), rank = iif(attempts - 1 >= ?4, 3, reason)
WHERE id = ?1 AND kind = ?2 AND lease = ?3
