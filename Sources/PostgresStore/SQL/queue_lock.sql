-- Only one process adds at a time, so that the limits hold exactly.
SELECT pg_advisory_xact_lock(hashtext('linernotes queue'))
