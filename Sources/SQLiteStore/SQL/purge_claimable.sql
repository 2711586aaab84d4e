-- The first purges that are due at ?1 and nobody's, of the kinds between the commas of ?4. Times more than ?2 (a delay)
-- or ?3 (a lease) ahead were written before the clock was set back.
SELECT id, kind, attempts
FROM purge
WHERE
  instr(?4, ',' || kind || ',') > 0
  AND (not_before <= ?1 OR not_before > ?1 + ?2)
  AND (leased_until <= ?1 OR leased_until > ?1 + ?3)
ORDER BY place
LIMIT ?5
