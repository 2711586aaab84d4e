DELETE FROM purge WHERE id = ?1 AND kind = ?2 AND lease = ?3
