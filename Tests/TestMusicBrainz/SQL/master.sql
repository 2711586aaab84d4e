-- What MusicBrainz' own code sees to, beside the triggers.
SET search_path = musicbrainz, public;
INSERT INTO dbmirror2.pending_keys
SELECT
  quote_ident(namespace.nspname) || '.' || quote_ident(class.relname),
  array_agg(attribute.attname::text ORDER BY attribute.attnum)
FROM pg_index
JOIN pg_class AS class ON class.oid = pg_index.indrelid
JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace
JOIN pg_attribute AS attribute ON attribute.attrelid = class.oid AND attribute.attnum = ANY (pg_index.indkey)
WHERE pg_index.indisprimary AND namespace.nspname IN ('musicbrainz', 'cover_art_archive')
GROUP BY 1;

CREATE SCHEMA editor;

-- Credits that nobody is credited with any more go with their names.
CREATE FUNCTION editor.tidy() RETURNS void LANGUAGE sql AS $$
  DELETE FROM artist_credit_name
  WHERE artist_credit IN (SELECT id FROM artist_credit WHERE ref_count <= 0);
  DELETE FROM artist_credit WHERE ref_count <= 0;
$$;
