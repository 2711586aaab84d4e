-- Documents in the order in which they lie in the file, from one on.
SELECT rowid, kind, id, value FROM document WHERE rowid > ?1 AND value IS NOT NULL ORDER BY rowid LIMIT ?2
