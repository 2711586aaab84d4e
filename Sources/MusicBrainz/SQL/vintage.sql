-- When the last change was replicated, as ISO 8601 in UTC, with microseconds unless they are zero.
WITH last AS (SELECT max(last_replication_date) AT TIME ZONE 'UTC' AS moment FROM replication_control)
SELECT
  to_char(
    moment,
    CASE
      WHEN moment = date_trunc('second', moment) THEN 'YYYY-MM-DD"T"HH24:MI:SS'
      ELSE 'YYYY-MM-DD"T"HH24:MI:SS.US'
    END
  ) || '+00:00'
FROM last
