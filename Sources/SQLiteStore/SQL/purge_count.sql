SELECT count(*) FROM purge
