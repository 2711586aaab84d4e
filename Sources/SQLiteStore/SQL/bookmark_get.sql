SELECT value FROM bookmark WHERE name = ?1
