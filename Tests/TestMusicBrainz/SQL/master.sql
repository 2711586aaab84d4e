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

-- Any row, in an order that setseed() decides; null where there is none.
CREATE FUNCTION editor.some(tablename regclass, condition text DEFAULT 'true') RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  found bigint;
BEGIN
  EXECUTE format('SELECT id FROM (SELECT id FROM %s WHERE %s ORDER BY id) AS all_of_them ORDER BY random() LIMIT 1',
    tablename, condition) INTO found;
  RETURN found;
END
$$;

CREATE FUNCTION editor.word() RETURNS text LANGUAGE sql AS $$ SELECT 'w' || (random() * 100000)::int $$;

CREATE FUNCTION editor.id() RETURNS uuid LANGUAGE sql
  AS $$ SELECT md5(random()::text || random()::text)::uuid $$;

-- A credit of one or two artists.
CREATE FUNCTION editor.credit(artists int[]) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  made int;
BEGIN
  INSERT INTO artist_credit (name, artist_count, gid)
  VALUES (editor.word(), cardinality(artists), editor.id()) RETURNING id INTO made;
  INSERT INTO artist_credit_name (artist_credit, position, artist, name, join_phrase)
  SELECT made, n - 1, artist, editor.word(), ' & ' FROM unnest(artists) WITH ORDINALITY AS list (artist, n);
  RETURN made;
END
$$;

CREATE FUNCTION editor.delete_medium(gone int) RETURNS void LANGUAGE sql AS $$
  DELETE FROM track_gid_redirect WHERE new_id IN (SELECT id FROM track WHERE medium = gone);
  DELETE FROM track WHERE medium = gone;
  DELETE FROM medium WHERE id = gone;
$$;

CREATE FUNCTION editor.delete_release(gone int) RETURNS void LANGUAGE sql AS $$
  SELECT editor.delete_medium(id) FROM medium WHERE release = gone;
  DELETE FROM release_label WHERE release = gone;
  DELETE FROM release_country WHERE release = gone;
  DELETE FROM release_unknown_country WHERE release = gone;
  DELETE FROM l_release_url WHERE entity0 = gone;
  DELETE FROM cover_art_archive.release_group_cover_art WHERE release = gone;
  DELETE FROM cover_art_archive.cover_art_type WHERE id IN (SELECT id FROM cover_art_archive.cover_art WHERE release = gone);
  DELETE FROM cover_art_archive.cover_art WHERE release = gone;
  DELETE FROM release_gid_redirect WHERE new_id = gone;
  DELETE FROM release_meta WHERE id = gone;
  DELETE FROM release WHERE id = gone;
$$;

CREATE FUNCTION editor.delete_group(gone int) RETURNS void LANGUAGE sql AS $$
  SELECT editor.delete_release(id) FROM release WHERE release_group = gone;
  DELETE FROM release_group_alias WHERE release_group = gone;
  DELETE FROM release_group_tag WHERE release_group = gone;
  DELETE FROM release_group_secondary_type_join WHERE release_group = gone;
  DELETE FROM l_release_group_url WHERE entity0 = gone;
  DELETE FROM l_release_group_series WHERE entity0 = gone;
  DELETE FROM cover_art_archive.release_group_cover_art WHERE release_group = gone;
  DELETE FROM release_group_gid_redirect WHERE new_id = gone;
  DELETE FROM release_group_meta WHERE id = gone;
  DELETE FROM release_group WHERE id = gone;
$$;

CREATE FUNCTION editor.merge_groups(gone int, kept int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF gone = kept THEN RETURN; END IF;
  UPDATE release SET release_group = kept WHERE release_group = gone;
  DELETE FROM l_release_group_series WHERE entity0 = gone AND entity1 IN (SELECT entity1 FROM l_release_group_series WHERE entity0 = kept);
  UPDATE l_release_group_series SET entity0 = kept WHERE entity0 = gone;
  DELETE FROM l_release_group_url WHERE entity0 = gone AND (entity1, link) IN (SELECT entity1, link FROM l_release_group_url WHERE entity0 = kept);
  UPDATE l_release_group_url SET entity0 = kept WHERE entity0 = gone;
  UPDATE release_group_alias SET release_group = kept WHERE release_group = gone;
  UPDATE release_group_gid_redirect SET new_id = kept WHERE new_id = gone;
  INSERT INTO release_group_gid_redirect (gid, new_id) SELECT gid, kept FROM release_group WHERE id = gone;
  PERFORM editor.delete_group(gone);
END
$$;

CREATE FUNCTION editor.merge_releases(gone int, kept int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF gone = kept THEN RETURN; END IF;
  UPDATE medium SET release = kept, position = position + 50 WHERE release = gone;
  UPDATE cover_art_archive.cover_art SET release = kept WHERE release = gone;
  DELETE FROM l_release_url WHERE entity0 = gone AND (entity1, link) IN (SELECT entity1, link FROM l_release_url WHERE entity0 = kept);
  UPDATE l_release_url SET entity0 = kept WHERE entity0 = gone;
  UPDATE release_gid_redirect SET new_id = kept WHERE new_id = gone;
  INSERT INTO release_gid_redirect (gid, new_id) SELECT gid, kept FROM release WHERE id = gone;
  PERFORM editor.delete_release(gone);
END
$$;

CREATE FUNCTION editor.merge_recordings(gone int, kept int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF gone = kept THEN RETURN; END IF;
  UPDATE track SET recording = kept WHERE recording = gone;
  UPDATE recording_gid_redirect SET new_id = kept WHERE new_id = gone;
  INSERT INTO recording_gid_redirect (gid, new_id) SELECT gid, kept FROM recording WHERE id = gone;
  DELETE FROM recording WHERE id = gone;
END
$$;

-- Whoever was credited with the one is credited with the other, by new credits.
CREATE FUNCTION editor.merge_artists(gone int, kept int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  old record;
  made int;
BEGIN
  IF gone = kept THEN RETURN; END IF;
  FOR old IN SELECT DISTINCT artist_credit AS id FROM artist_credit_name WHERE artist = gone LOOP
    made := editor.credit(ARRAY(
      SELECT CASE artist WHEN gone THEN kept ELSE artist END FROM artist_credit_name
      WHERE artist_credit = old.id ORDER BY position
    ));
    UPDATE release_group SET artist_credit = made WHERE artist_credit = old.id;
    UPDATE release SET artist_credit = made WHERE artist_credit = old.id;
    UPDATE recording SET artist_credit = made WHERE artist_credit = old.id;
    UPDATE track SET artist_credit = made WHERE artist_credit = old.id;
    DELETE FROM artist_credit_name WHERE artist_credit = old.id;
    DELETE FROM artist_credit WHERE id = old.id;
  END LOOP;
  UPDATE artist_alias SET artist = kept, primary_for_locale = false WHERE artist = gone;
  DELETE FROM l_artist_url WHERE entity0 = gone AND (entity1, link) IN (SELECT entity1, link FROM l_artist_url WHERE entity0 = kept);
  UPDATE l_artist_url SET entity0 = kept WHERE entity0 = gone;
  INSERT INTO artist_tag (artist, tag, count) SELECT kept, tag, count FROM artist_tag WHERE artist = gone
  ON CONFLICT (artist, tag) DO UPDATE SET count = artist_tag.count + excluded.count;
  DELETE FROM artist_tag WHERE artist = gone;
  UPDATE artist_gid_redirect SET new_id = kept WHERE new_id = gone;
  INSERT INTO artist_gid_redirect (gid, new_id) SELECT gid, kept FROM artist WHERE id = gone;
  DELETE FROM artist_meta WHERE id = gone;
  DELETE FROM artist WHERE id = gone;
END
$$;

CREATE FUNCTION editor.add_track(medium int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  heard int := editor.some('recording', 'random() < 0.1');
BEGIN
  IF heard IS NULL THEN
    INSERT INTO recording (gid, name, artist_credit, length, video)
    VALUES (editor.id(), editor.word(), editor.some('artist_credit'), 100000 + (random() * 100000)::int, random() < 0.15)
    RETURNING id INTO heard;
  END IF;
  INSERT INTO track (gid, recording, medium, position, number, name, artist_credit, length, is_data_track)
  SELECT editor.id(), heard, add_track.medium, coalesce(max(position), 0) + 1, 'x', editor.word(), editor.some('artist_credit'),
    CASE WHEN random() < 0.5 THEN 180000 END, random() < 0.1
  FROM track WHERE track.medium = add_track.medium;
END
$$;

-- Pages and tags that are not used any more are deleted, and those that are cannot be.
ALTER TABLE artist_tag ADD FOREIGN KEY (tag) REFERENCES tag (id);
ALTER TABLE release_group_tag ADD FOREIGN KEY (tag) REFERENCES tag (id);
ALTER TABLE l_artist_url ADD FOREIGN KEY (entity1) REFERENCES url (id);
ALTER TABLE l_release_group_url ADD FOREIGN KEY (entity1) REFERENCES url (id);
ALTER TABLE l_release_url ADD FOREIGN KEY (entity1) REFERENCES url (id);

-- A reason to relate two entities, which no other relationship shares. What is not used any more is deleted.
CREATE FUNCTION editor.link(entity0 text, entity1 text) RETURNS int LANGUAGE sql AS $$
  INSERT INTO link (link_type)
  SELECT id FROM link_type
  WHERE entity_type0 = entity0 AND entity_type1 = entity1 AND NOT is_deprecated
    AND (entity1 <> 'series' OR gid = '01018437-91d8-36b9-bf89-3f885d53b5bd')
  ORDER BY random() LIMIT 1
  RETURNING id
$$;
