-- How many purges wait, and since when the first of them.
SELECT count(*), min(added) FROM purge
