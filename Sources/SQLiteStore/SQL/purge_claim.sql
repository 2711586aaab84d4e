UPDATE purge SET attempts = attempts + 1, lease = ?3, leased_until = ?4
WHERE id = ?1 AND kind = ?2
