-- How many purges wait, and for how many seconds the first of them.
SELECT
  count(*),
  greatest(0, extract(epoch FROM clock_timestamp() - min(added)))::bigint
FROM cache.purge
