-- Makes sure that the schemas of this name are ours: they are marked by a comment, and what is not is never dropped. The
-- schema of earlier versions, "search", is known by its tables; it gets our name and what it lacks.
DO $block$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['linernotes_search', 'linernotes_search_new'] LOOP
    IF to_regnamespace(name) IS NOT NULL
      AND obj_description(to_regnamespace(name), 'pg_namespace') IS DISTINCT FROM '$marker'
    THEN
      RAISE EXCEPTION 'schema % is not ours', name USING ERRCODE = '$foreign';
    END IF;
  END LOOP;
  IF to_regnamespace('linernotes_search') IS NULL AND (
    SELECT array_agg(relname::text ORDER BY relname) FROM pg_class
    WHERE relnamespace = to_regnamespace('search') AND relkind NOT IN ('i', 't')
  ) = ARRAY['album_name', 'artist_name', 'state'] AND (
    SELECT count(*) FROM pg_attribute
    WHERE attrelid = to_regclass('search.state') AND attname IN ('format', 'until', 'artist_scale', 'album_scale')
  ) = 4 THEN
    ALTER SCHEMA search RENAME TO linernotes_search;
    COMMENT ON SCHEMA linernotes_search IS '$marker';
    CREATE TABLE linernotes_search.changed_artist_name (LIKE linernotes_search.artist_name);
    CREATE TABLE linernotes_search.changed_album_name (LIKE linernotes_search.album_name);
    CREATE INDEX ON linernotes_search.changed_artist_name (key);
    CREATE INDEX ON linernotes_search.changed_artist_name (length, key);
    CREATE INDEX ON linernotes_search.changed_artist_name (length, (reverse(key) COLLATE "C"));
    CREATE INDEX ON linernotes_search.changed_artist_name USING gin (words) WITH (fastupdate = off);
    CREATE INDEX ON linernotes_search.changed_artist_name (artist);
    CREATE INDEX ON linernotes_search.changed_artist_name (length) WHERE popularity >= 350;
    CREATE INDEX ON linernotes_search.changed_artist_name (gid);
    CREATE INDEX ON linernotes_search.changed_album_name (key);
    CREATE INDEX ON linernotes_search.changed_album_name (length, key);
    CREATE INDEX ON linernotes_search.changed_album_name (length, (reverse(key) COLLATE "C"));
    CREATE INDEX ON linernotes_search.changed_album_name USING gin (words) WITH (fastupdate = off);
    CREATE INDEX ON linernotes_search.changed_album_name (artist, key);
    CREATE INDEX ON linernotes_search.changed_album_name (album);
    CREATE INDEX ON linernotes_search.changed_album_name (gid);
    UPDATE linernotes_search.state SET format = $format WHERE format = 1;
  END IF;
END
$block$
