-- What must be known of a new connection: whether the settings it was opened with are in force (a connection pooler may
-- have swallowed them), and whether the Cover Art Archive's tables are there. A mirror may lack them.
SELECT
  current_setting('transaction_isolation') = 'repeatable read'
    AND current_setting('transaction_read_only') = 'on'
    AND replace(current_setting('search_path'), ' ', '') = 'musicbrainz,public',
  CASE
    WHEN to_regnamespace('cover_art_archive') IS NULL THEN false
    WHEN NOT has_schema_privilege('cover_art_archive', 'USAGE') THEN false
    ELSE (
      SELECT count(*) FILTER (WHERE has_table_privilege(to_regclass('cover_art_archive.' || name), 'SELECT')) = 4
      FROM unnest(ARRAY['art_type', 'cover_art', 'cover_art_type', 'release_group_cover_art']) AS name
    )
  END
