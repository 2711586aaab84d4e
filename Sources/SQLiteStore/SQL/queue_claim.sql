UPDATE build SET lease = ?3, leased_until = ?4, attempts = attempts + 1, rank = iif(attempts + 1 >= ?5, 3, rank)
WHERE id = ?1 AND kind = ?2
