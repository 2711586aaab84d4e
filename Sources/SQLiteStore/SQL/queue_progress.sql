SELECT count(*), count(*) FILTER (WHERE leased_until > ?1) FROM build
