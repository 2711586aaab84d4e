SELECT attempts FROM build WHERE id = ?1 AND kind = ?2 AND lease = ?3
