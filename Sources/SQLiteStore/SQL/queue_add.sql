INSERT INTO build (id, kind, reason, rank, place, client, added) VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6)
