UPDATE build SET leased_until = ?4 WHERE id = ?1 AND kind = ?2 AND lease = ?3
