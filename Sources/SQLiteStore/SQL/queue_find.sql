SELECT reason, rank, client FROM build WHERE id = ?1 AND kind = ?2
