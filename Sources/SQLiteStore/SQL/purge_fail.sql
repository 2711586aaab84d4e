UPDATE purge SET lease = NULL, leased_until = 0, not_before = ?4
WHERE id = ?1 AND kind = ?2 AND lease = ?3
