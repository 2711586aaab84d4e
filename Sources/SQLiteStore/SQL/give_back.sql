UPDATE document SET claimed_until = 0 WHERE id = ?2 AND kind = ?1 AND claimed_until = ?3
