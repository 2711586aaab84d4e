-- Popularity is 0 to 1000, by the logarithm of the weight; an album shares in that of its artist. Rows lie in its order,
-- so that a bitmap scan, which reads a table from its beginning, finds the best known first and can stop early.
SET maintenance_work_mem = '256MB';
SET work_mem = '128MB';
SET search_path = linernotes_search_new;
CREATE TABLE artist_name AS
SELECT
  artist, gid, form, round(1000 * ln(1 + weight) / top)::int AS popularity, char_length(key) AS length,
  key COLLATE "C" AS key, name, string_to_array(words, ' ') AS words
FROM loaded_artist, (SELECT greatest(ln(1 + max(weight)), 1) AS top FROM loaded_artist) AS scale
ORDER BY popularity DESC, artist, form;
CREATE TABLE album_name AS
SELECT
  album, loaded_album.gid, loaded_album.artist, loaded_album.form,
  (coalesce(0.6 * known.popularity, 0) + 400 * ln(1 + loaded_album.weight) / top)::int AS popularity,
  char_length(loaded_album.key) AS length, loaded_album.key COLLATE "C" AS key, loaded_album.name, credit,
  string_to_array(loaded_album.words, ' ') AS words
FROM loaded_album
CROSS JOIN (SELECT greatest(ln(1 + max(weight)), 1) AS top FROM loaded_album) AS scale
LEFT JOIN (SELECT artist, max(popularity) AS popularity FROM artist_name GROUP BY artist) AS known
  ON known.artist = loaded_album.artist
ORDER BY popularity DESC, album, form;
CREATE TABLE state AS
SELECT
  $format::int AS format, now() AS built, now() AS refreshed, $until::int8 AS until,
  (SELECT greatest(ln(1 + max(weight)), 1) FROM loaded_artist) AS artist_scale,
  (SELECT greatest(ln(1 + max(weight)), 1) FROM loaded_album) AS album_scale;
DROP TABLE loaded_artist, loaded_album;
CREATE INDEX ON artist_name (key);
CREATE INDEX ON artist_name (length, key);
CREATE INDEX ON artist_name (length, (reverse(key) COLLATE "C"));
CREATE INDEX ON artist_name USING gin (words) WITH (fastupdate = off);
CREATE INDEX ON artist_name (artist);
CREATE INDEX ON artist_name (length) WHERE popularity >= 350;
CREATE INDEX ON artist_name (gid);
CREATE INDEX ON album_name (key);
CREATE INDEX ON album_name (length, key);
CREATE INDEX ON album_name (length, (reverse(key) COLLATE "C"));
CREATE INDEX ON album_name USING gin (words) WITH (fastupdate = off);
CREATE INDEX ON album_name (artist, key);
CREATE INDEX ON album_name (album);
CREATE INDEX ON album_name (gid);
-- What a refresh adds has a table of its own: behind the rows that lie in order nobody would find the best known.
CREATE TABLE changed_artist_name (LIKE artist_name INCLUDING INDEXES);
CREATE TABLE changed_album_name (LIKE album_name INCLUDING INDEXES);
ANALYZE artist_name;
ANALYZE album_name
