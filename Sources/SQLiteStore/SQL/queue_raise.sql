UPDATE build SET reason = min(reason, ?3), rank = ?3, place = ?4, client = coalesce(?5, client)
WHERE id = ?1 AND kind = ?2
