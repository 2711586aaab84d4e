-- All builds in their order, and whether each counts for the place of those behind it; see queue_place.sql.
SELECT id, kind, not_before <= ?1 OR leased_until > ?1 FROM build ORDER BY rank, place
