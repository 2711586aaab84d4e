-- Deletes some of what has expired; a row that somebody is about to write to is left to the next time.
DELETE FROM cache.small_value
WHERE ctid = ANY (ARRAY(
  SELECT ctid
  FROM cache.small_value
  WHERE expires < clock_timestamp() OR written > clock_timestamp() + interval '5 seconds'
  LIMIT 1000
  FOR UPDATE SKIP LOCKED
))
