-- How long ago the last change was replicated, in seconds.
SELECT extract(epoch FROM now() - max(last_replication_date))::int8 FROM replication_control
