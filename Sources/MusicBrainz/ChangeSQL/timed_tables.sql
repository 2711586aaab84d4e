-- Of each table of $1 with its column of $2: whether it is there, and whether an index leads to the latest times.
SELECT
  coalesce(has_schema_privilege(class.relnamespace, 'USAGE') AND has_table_privilege(class.oid, 'SELECT'), false),
  EXISTS (
    SELECT
    FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attname = given.columnname
    WHERE indrelid = class.oid AND indkey[0] = attnum AND indisvalid AND indpred IS NULL
  ),
  coalesce(class.reltuples, 0)::int8
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS given (tablename, columnname, place)
LEFT JOIN (
  SELECT class.*, CASE namespace.nspname WHEN 'musicbrainz' THEN '' ELSE namespace.nspname || '.' END || relname AS name
  FROM pg_class AS class JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace
  WHERE namespace.nspname IN ('musicbrainz', 'cover_art_archive') AND class.relkind IN ('r', 'p')
) AS class ON class.name = given.tablename
ORDER BY given.place
