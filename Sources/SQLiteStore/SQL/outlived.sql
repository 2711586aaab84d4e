-- Marks of revocation have outlived every computation after a day.
DELETE FROM document WHERE value IS NULL AND updated > 0 AND updated <= ?1
