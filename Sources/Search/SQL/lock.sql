-- Only one process builds or refreshes the index at a time; the lock goes with the connection.
SELECT pg_try_advisory_lock(hashtextextended('linernotes search-index', 0))
