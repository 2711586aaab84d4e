-- Applies one transaction of the packet that is loaded. MusicBrainz' tool writes the columns of an update that differ,
-- mbslave all of them.
CREATE SCHEMA replicator;
CREATE FUNCTION replicator.apply(transaction bigint, all_columns boolean) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  change record;
  keys text;
  names text;
  number int := 0;
BEGIN
  FOR change IN SELECT * FROM dbmirror2.pending_data WHERE xid = transaction ORDER BY seqid LOOP
    number := number + 1;
    SELECT string_agg(quote_ident(key), ', ') INTO STRICT keys
    FROM dbmirror2.pending_keys, unnest(pending_keys.keys) AS key
    WHERE tablename = change.tablename;
    CASE change.op
      WHEN 'i' THEN
        EXECUTE format('INSERT INTO %1$s SELECT * FROM json_populate_record(NULL::%1$s, $1)', change.tablename)
        USING change.newdata;
      WHEN 'd' THEN
        EXECUTE format(
          'DELETE FROM %1$s WHERE (%2$s) = (SELECT %2$s FROM json_populate_record(NULL::%1$s, $1))',
          change.tablename, keys)
        USING change.olddata;
      ELSE
        SELECT string_agg(quote_ident(now.key), ', ') INTO names
        FROM json_each_text(change.newdata) AS now
        WHERE all_columns OR now.value IS DISTINCT FROM change.olddata ->> now.key;
        CONTINUE WHEN names IS NULL;
        EXECUTE format(
          'UPDATE %1$s SET (%3$s) = (SELECT %3$s FROM json_populate_record(NULL::%1$s, $2))
           WHERE (%2$s) = (SELECT %2$s FROM json_populate_record(NULL::%1$s, $1))',
          change.tablename, keys, names)
        USING change.olddata, change.newdata;
    END CASE;
  END LOOP;
  DELETE FROM dbmirror2.pending_data WHERE xid = transaction;
  RETURN number;
END
$$;

-- One transaction after another, as MusicBrainz' tool does.
CREATE PROCEDURE replicator.apply_all() LANGUAGE plpgsql AS $$
DECLARE
  next bigint;
BEGIN
  LOOP
    SELECT xid INTO next FROM dbmirror2.pending_data GROUP BY xid ORDER BY max(seqid) LIMIT 1;
    EXIT WHEN NOT FOUND;
    PERFORM replicator.apply(next, false);
    COMMIT;
  END LOOP;
END
$$;
