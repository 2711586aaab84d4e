-- The builds that may be claimed at ?1, in their order. What has been tried ?2 times waits ?3 seconds after a lease that
-- has run out. Times farther ahead than there are (?4 for a lease, ?5 for a pause) were written before the clock was set
-- back. ?6 lists the kinds, a comma on each side of a name.
SELECT id, kind, reason, attempts, added
FROM build
WHERE
  (not_before <= ?1 OR not_before > ?1 + ?5)
  AND (leased_until + CASE WHEN attempts >= ?2 THEN ?3 ELSE 0 END <= ?1 OR leased_until > ?1 + ?4)
  AND instr(?6, ',' || kind || ',') > 0
ORDER BY rank, place
LIMIT ?7
