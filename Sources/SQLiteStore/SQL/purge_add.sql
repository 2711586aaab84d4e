INSERT INTO purge (id, kind, not_before, added) VALUES (?1, ?2, ?3, ?4)
