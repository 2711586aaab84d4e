-- How many builds there are, and how many of them are this client's.
SELECT count(*), count(*) FILTER (WHERE client = ?1) FROM build
