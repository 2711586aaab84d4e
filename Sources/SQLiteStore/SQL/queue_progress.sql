SELECT count(*), count(*) FILTER (WHERE leased_until > ?1), min(added) FROM build
