-- Marks of revocation have outlived every computation after a day. That a document is gone is told for longer.
DELETE FROM document WHERE value IS NULL AND updated > 0 AND updated <= ?1 AND announced <= ?2
