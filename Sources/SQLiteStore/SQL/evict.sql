-- Makes room: the documents that nobody has asked for for the longest time go. What has been revoked is not among them,
-- see evict_revoked.sql.
DELETE FROM document
WHERE rowid IN (SELECT rowid FROM document WHERE value IS NOT NULL ORDER BY used LIMIT ?1) AND expires <> 0
