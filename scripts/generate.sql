-- Synthetic rows in the shape of MusicBrainz, made by the server itself: everything follows from row numbers through a
-- hash, so that two runs make the same rows. Run by scripts/generate, with :groups, :artists, :vocabulary,
-- :entities, and how albums are: :releases (in a thousand, how many have 1, at most 2, 3, 5, 8 releases) and :tracks (an
-- album has 8 and up to so many less one more).
--
-- Row numbers of what the benchmark names (scripts/generate prints their MBIDs):
--   artists   1 Various Artists; 2 has 6,000 albums; 3 to 12 have 1,000 each; 13 has 3; 14 made groups 1 to 5 and 8
--   groups    1 a single, 2 KB; 2 an album of 10 tracks; 3 of 77, 30 KB; 4 of 952, 300 KB; 5 of 3,304, 1 MB;
--             6 a compilation of 30 artists; 7 one of 300; 8 an album of 150 releases
\set ON_ERROR_STOP 1
SET search_path = musicbrainz, public;
SET work_mem = '256MB';
SET maintenance_work_mem = '512MB';
SET synchronous_commit = off;

\qecho '  words'
DROP SCHEMA IF EXISTS generator CASCADE;
CREATE SCHEMA generator;
-- A number from 0 on that follows from two others. Short, so that it is inlined.
CREATE FUNCTION generator.h(a bigint, b int) RETURNS int IMMUTABLE LANGUAGE sql
  AS 'SELECT (hashint8extended(a, b::bigint) & 2147483647)::int';
CREATE FUNCTION generator.gid(kind text, n bigint) RETURNS uuid IMMUTABLE LANGUAGE sql
  AS 'SELECT md5(kind || n)::uuid';
CREATE FUNCTION generator.updated(a bigint, b int) RETURNS timestamptz IMMUTABLE LANGUAGE sql
  AS $$SELECT timestamptz '2026-07-24 10:00:00+00' - generator.h(a, b) % 157000000 * interval '1 second'$$;

CREATE UNLOGGED TABLE generator.word (k int PRIMARY KEY, word text NOT NULL);
INSERT INTO generator.word
SELECT row_number() OVER (ORDER BY word COLLATE "C") - 1, word
FROM (
  SELECT DISTINCT word FROM regexp_split_to_table($$
    Night Day Morning Evening Midnight Dawn Summer Winter Autumn Spring Moon Sun Star Sky Cloud Rain Storm Thunder Wind
    River Ocean Sea Island Mountain Valley Desert Forest Garden Flower Rose Stone Fire Flame Smoke Ash Water Ice Snow
    Love Heart Soul Mind Dream Sleep Silence Noise Sound Song Dance Rhythm Melody Echo Shadow Light Dark Black White Red
    Blue Green Golden Silver Velvet Crystal Diamond Steel Iron Glass Paper Plastic Electric Magnetic Atomic Cosmic Solar
    Lunar Digital Analog Mechanical Broken Lost Hidden Secret Silent Lonely Happy Sad Crazy Wild Free Young Old New Last
    First Second Final Forever Never Always Again Tonight Today Tomorrow Yesterday Home House Road Street City Town
    Station Train Highway Bridge Tower Castle Kingdom King Queen Prince Child Children Boy Girl Man Woman Mother Father
    Brother Sister Friend Stranger Lover Angel Devil Ghost Spirit God Heaven Hell Paradise Earth World Universe Machine
    Engine Radio Television Telephone Mirror Window Door Room Wall Floor Ceiling Table Chair Letter Word Story Book Page
    Poem Picture Photograph Movie Theatre Circus Carnival Parade Party Holiday Sunday Monday Friday Saturday January
    April June October November December Hour Minute Moment Time Space Distance Gravity Motion Speed Signal Wave
    Frequency Circle Square Line Point Edge Corner Surface Memory History Future Past Present Beginning Ending Return
    Arrival Departure Journey Voyage Escape Flight Landing Bird Eagle Raven Crow Swan Wolf Fox Bear Lion Tiger Horse Dog
    Cat Snake Spider Butterfly Honey Sugar Salt Pepper Bread Wine Whiskey Coffee Tea Blood Bone Skin Hand Finger Eye
    Face Voice Breath Tear Smile Kiss Touch Fever Cure Poison Medicine Doctor Teacher Preacher Soldier Sailor Captain
    Pilot Driver Runner Dancer Singer Drummer Player Gambler Thief Killer Hero Villain Legend Myth Miracle Magic Mystery
    Riddle Answer Question Reason Rumour Truth Lie Promise Prayer Blessing Curse Sin Grace Mercy Faith Hope Fear Anger
    Sorrow Pleasure Pain Beauty Danger Trouble Revolution Empire Nation Border Frontier Empty Endless Perfect Simple
    Strange Beautiful Terrible Gentle Heavy Slow Fast Deep High Low Long Short Cold Hot Warm Sweet Bitter Running Falling
    Rising Burning Waiting Walking Dreaming Singing Breaking Crossing Turning Leaving Coming Going
  $$, '\s+') AS word
  UNION
  SELECT word FROM (
    SELECT regexp_split_to_table(name, '[^[:alnum:]]+') AS word
    FROM (SELECT name FROM generator_names) AS sample
  ) AS words WHERE length(word) BETWEEN 3 AND 12
) AS words
WHERE word <> '';
SELECT count(*) AS words FROM generator.word \gset

CREATE UNLOGGED TABLE generator.name (k int PRIMARY KEY, first text NOT NULL, last text NOT NULL);
INSERT INTO generator.name
SELECT n - 1, first[1 + (n - 1) % 64], last[1 + (n - 1) / 64]
FROM generate_series(1, 4096) AS n, (SELECT
  regexp_split_to_array('James John Robert Michael David Thomas Peter Paul George Martin Anna Maria Laura Julia Sarah Emma Elena Sofia Nina Clara Hans Karl Jürgen Pierre Jean Marie Luis Carlos José Diego Hiroshi Kenji Yuki Akira Min Jun Ivan Sergei Olga Petra Lars Erik Ingrid Freya Aino Mika Paolo Marco Giulia Chiara Ahmed Omar Leila Fatima Kwame Amara Ravi Priya Arjun Chen Wei Mei Sam Alex', ' ') AS first,
  regexp_split_to_array('Smith Johnson Williams Brown Jones Miller Davis Wilson Anderson Taylor Moore Jackson Martin Thompson Walker Hall Young King Wright Hill Green Baker Carter Mitchell Turner Parker Collins Edwards Stewart Morris Murphy Cook Rogers Bailey Cooper Müller Schmidt Schneider Fischer Weber Dubois Moreau Laurent García Martínez López Rossi Bianchi Tanaka Suzuki Watanabe Kim Lee Park Ivanov Petrov Larsson Nilsson Virtanen Nowak Silva Santos Okafor Singh', ' ') AS last
) AS lists;

-- Titles of one to five words; tracks, albums and releases draw from them.
\set titles 150000
CREATE UNLOGGED TABLE generator.title (k int PRIMARY KEY, title text NOT NULL);
INSERT INTO generator.title
SELECT n, CASE generator.h(n, 1) % 20
    WHEN 0 THEN a.word
    WHEN 1 THEN 'The ' || a.word
    WHEN 2 THEN a.word || ' (' || lower(b.word) || ' remix)'
    WHEN 3 THEN 'I ' || (ARRAY['Want', 'Need', 'Love', 'Hear'])[1 + n % 4] || ' the ' || a.word || ' of ' || b.word
    WHEN 4 THEN a.word || ', ' || b.word || ' & ' || c.word
    WHEN 5 THEN a.word || ' (live at the ' || b.word || ' ' || c.word || ')'
    WHEN 6 THEN a.word || ' No. ' || 1 + n % 40 || ' in ' || (ARRAY['C major', 'D minor', 'E-flat major', 'G minor'])[1 + n % 4]
      || ', Op. ' || 1 + n % 130 || ': ' || (ARRAY['I. Allegro', 'II. Andante', 'III. Scherzo', 'IV. Presto'])[1 + n / 4 % 4]
    WHEN 7 THEN 'Don''t ' || (ARRAY['Stop', 'Leave', 'Forget', 'Touch'])[1 + n % 4] || ' My ' || a.word
    WHEN 8 THEN a.word || ' of the ' || b.word || ' ' || c.word
    WHEN 9 THEN a.word || ' feat. "' || b.word || '"'
    WHEN 10 THEN a.word || ' ' || b.word || ' ' || c.word
    ELSE a.word || (ARRAY[' ', ' in the ', ' of ', ' and ', ' ', ' '])[1 + n % 6] || b.word
  END
FROM generate_series(0, :titles - 1) AS n
JOIN generator.word AS a ON a.k = generator.h(n, 2) % :words
JOIN generator.word AS b ON b.k = generator.h(n, 3) % :words
JOIN generator.word AS c ON c.k = generator.h(n, 4) % :words;
ANALYZE generator.word, generator.name, generator.title;

\qecho '  indexes aside'
-- Keys stay: their values come in order.
CREATE TABLE generator.index AS
SELECT format('%I.%I', n.nspname, c.relname) AS name, pg_get_indexdef(c.oid) AS definition, pg_relation_size(c.oid) AS size
FROM pg_index AS i
JOIN pg_class AS c ON c.oid = i.indexrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_class AS t ON t.oid = i.indrelid
WHERE n.nspname IN ('musicbrainz', 'cover_art_archive') AND t.relkind = 'r'
  AND t.relname IN ('artist', 'artist_alias', 'artist_credit', 'artist_credit_name', 'release_group', 'release',
    'release_label', 'release_country', 'medium', 'track', 'recording', 'url', 'l_artist_url', 'l_release_group_url',
    'artist_tag', 'release_group_tag', 'cover_art', 'cover_art_type')
  AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid)
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_constraint'::regclass AND refobjid = i.indexrelid);
SELECT 'DROP INDEX ' || name FROM generator.index \gexec

\qecho '  vocabulary'
\i :vocabulary
INSERT INTO area (id, gid, name, type)
SELECT 900000 + n, generator.gid('area', n), name, 1
FROM regexp_split_to_table('France|Italy|Spain|Sweden|Norway|Finland|Denmark|Belgium|Austria|Switzerland|Poland|Russia|Canada|Mexico|Brazil|Argentina|Chile|China|Taiwan|India|Indonesia|South Africa|Nigeria|Egypt|Turkey|Greece|Portugal|Ireland|New Zealand|[Worldwide]', '\|') WITH ORDINALITY AS list (name, n);
INSERT INTO country_area SELECT id FROM area WHERE id >= 900000;
INSERT INTO iso_3166_1 (area, code)
SELECT 900000 + n, code FROM regexp_split_to_table('FR IT ES SE NO FI DK BE AT CH PL RU CA MX BR AR CL CN TW IN ID ZA NG EG TR GR PT IE NZ XW', ' ')
  WITH ORDINALITY AS list (code, n) ON CONFLICT DO NOTHING;
CREATE UNLOGGED TABLE generator.country AS SELECT row_number() OVER (ORDER BY area) - 1 AS k, area FROM country_area;
SELECT count(*) AS countries FROM generator.country \gset

INSERT INTO genre (id, gid, name)
SELECT 900000 + n, generator.gid('genre', n), name
FROM regexp_split_to_table('rock|alternative rock|indie rock|punk|hardcore punk|metal|heavy metal|death metal|black metal|doom metal|progressive rock|psychedelic rock|folk|folk rock|country|blues|jazz|bebop|free jazz|fusion|soul|funk|disco|hip hop|trap|ambient|techno|minimal techno|trance|drum and bass|jungle|idm|industrial|noise|synth-pop|new wave|post-punk|shoegaze|dream pop|classical|baroque|romantic|opera|reggae|dub|ska|ska punk|latin|salsa|bossa nova|samba|tango|gospel|chanson|schlager|soundtrack|spoken word|singer-songwriter|americana|bluegrass', '\|') WITH ORDINALITY AS list (name, n)
WHERE NOT EXISTS (SELECT FROM genre WHERE genre.name = list.name);
INSERT INTO tag (id, name, ref_count)
SELECT 900000 + row_number() OVER (ORDER BY genre.name), name, 100 FROM genre WHERE name NOT IN (SELECT name FROM tag);
INSERT INTO tag (id, name, ref_count) SELECT 910000 + n, 'tag number ' || n, 5 FROM generate_series(1, 200) AS n;
CREATE UNLOGGED TABLE generator.tag AS SELECT row_number() OVER (ORDER BY id) - 1 AS k, id FROM tag;
SELECT count(*) AS tags FROM generator.tag \gset

INSERT INTO label (id, gid, name, comment)
SELECT 900000 + n, generator.gid('label', n), name, CASE same WHEN 1 THEN '' ELSE 'the ' || same || '. of this name' END
FROM (
  SELECT n, name, row_number() OVER (PARTITION BY name ORDER BY n) AS same
  FROM (
    SELECT n, a.word || (ARRAY[' Records', ' Music', ' Recordings', '', ' Entertainment', ' Discs'])[1 + n % 6] AS name
    FROM generate_series(1, 5000) AS n JOIN generator.word AS a ON a.k = generator.h(n, 10) % :words
  ) AS named
) AS counted;
INSERT INTO link (id, link_type) SELECT 900001, id FROM link_type WHERE entity_type0 = 'artist' AND entity_type1 = 'url' ORDER BY id LIMIT 1;
INSERT INTO link (id, link_type) SELECT 900002, id FROM link_type WHERE entity_type0 = 'release_group' AND entity_type1 = 'url' ORDER BY id LIMIT 1;

\qecho '  artists'
-- A name and its comment are unique.
INSERT INTO artist (id, gid, name, sort_name, begin_date_year, end_date_year, ended, type, comment, last_updated)
SELECT n,
  CASE n WHEN 1 THEN '89ad4ac3-39f7-470e-963a-56509c546377' ELSE generator.gid('artist', n) END,
  name, sort_name,
  CASE WHEN generator.h(n, 20) % 2 = 0 THEN 1930 + generator.h(n, 21) % 90 END,
  CASE WHEN generator.h(n, 22) % 7 = 0 THEN 2021 END,
  generator.h(n, 22) % 7 = 0,
  CASE WHEN n = 1 THEN 3 WHEN kind < 9 THEN 1 WHEN kind < 19 THEN 2 END,
  CASE
    WHEN same = 1 AND generator.h(n, 23) % 5 > 0 THEN ''
    ELSE (ARRAY['UK', 'US', 'German', 'Swedish', 'French', 'Japanese', 'Brazilian', 'Canadian'])[1 + n % 8]
      || (ARRAY[' rock', ' jazz', ' techno', ' folk', ' metal', ' pop', ' rap'])[1 + n % 7]
      || CASE WHEN kind < 9 THEN ' singer' ELSE ' band' END || CASE WHEN same > 1 THEN ', no. ' || same ELSE '' END
  END,
  generator.updated(n, 24)
FROM (
  SELECT *, row_number() OVER (PARTITION BY name ORDER BY n) AS same
  FROM (
    SELECT n, kind,
      CASE
        WHEN n = 1 THEN 'Various Artists'
        WHEN kind < 9 THEN name.first || ' ' || name.last
        WHEN kind < 13 THEN 'The ' || a.word || 's'
        WHEN kind < 15 THEN a.word || ' & ' || b.word
        WHEN kind < 16 THEN 'DJ ' || a.word
        ELSE a.word || ' ' || b.word
      END AS name,
      CASE
        WHEN n = 1 THEN 'Various Artists'
        WHEN kind < 9 THEN name.last || ', ' || name.first
        WHEN kind < 13 THEN a.word || 's, The'
        WHEN kind < 15 THEN a.word || ' & ' || b.word
        WHEN kind < 16 THEN a.word || ', DJ'
        ELSE a.word || ' ' || b.word
      END AS sort_name
    FROM (SELECT n, generator.h(n, 25) % 20 AS kind FROM generate_series(1, :artists) AS n) AS numbers
    JOIN generator.name AS name ON name.k = generator.h(n, 26) % 4096
    JOIN generator.word AS a ON a.k = generator.h(n, 27) % :words
    JOIN generator.word AS b ON b.k = generator.h(n, 28) % :words
  ) AS named
) AS counted;
INSERT INTO artist_meta (id, rating, rating_count)
SELECT n, CASE WHEN rated THEN 20 * (1 + generator.h(n, 31) % 5) END, CASE WHEN rated THEN 1 + generator.h(n, 32) % 40 END
FROM (SELECT n, generator.h(n, 30) % 5 = 0 AS rated FROM generate_series(1, :artists) AS n) AS numbers;
INSERT INTO artist_alias (id, artist, name, sort_name, type)
SELECT row_number() OVER (ORDER BY n, i), n, title.title, title.title, CASE i % 3 WHEN 0 THEN 1 END
FROM (
  SELECT n, generate_series(1, CASE WHEN n <= 14 THEN 4 WHEN generator.h(n, 33) % 4 = 0 THEN 1 + generator.h(n, 34) % 4 ELSE 0 END) AS i
  FROM generate_series(2, :artists) AS n
) AS aliases
JOIN generator.title AS title ON title.k = generator.h(n * 8 + i, 35) % :titles;
INSERT INTO artist_gid_redirect (gid, new_id)
SELECT generator.gid('merged artist', n), n FROM generate_series(2, :artists) AS n WHERE generator.h(n, 36) % 30 = 0;
INSERT INTO artist_tag (artist, tag, count)
SELECT DISTINCT ON (n, tag.id) n, tag.id, 1 + generator.h(n * 8 + i, 38) % 9
FROM (
  SELECT n, generate_series(1, CASE WHEN n <= 14 THEN 5 WHEN generator.h(n, 37) % 5 < 2 THEN 1 + generator.h(n, 39) % 6 ELSE 0 END) AS i
  FROM generate_series(2, :artists) AS n
) AS tags
JOIN generator.tag AS tag ON tag.k = generator.h(n * 8 + i, 40) % :tags;

-- One credit an artist under the artist's number; every tenth artist also has one with a guest.
INSERT INTO artist_credit (id, name, artist_count, ref_count, gid)
SELECT id, name, 1, 1, generator.gid('credit', id) FROM artist WHERE id <= :artists;
INSERT INTO artist_credit (id, name, artist_count, ref_count, gid)
SELECT :artists + artist.id / 10, artist.name || ' feat. ' || guest.name, 2, 1, generator.gid('credit', :artists + artist.id / 10)
FROM artist JOIN artist AS guest ON guest.id = 2 + generator.h(artist.id, 41) % (:artists - 2)
WHERE artist.id % 10 = 0;
INSERT INTO artist_credit_name (artist_credit, position, artist, name, join_phrase)
SELECT id, 0, id, name, '' FROM artist
UNION ALL
SELECT :artists + id / 10, 0, id, name, ' feat. ' FROM artist WHERE id % 10 = 0
UNION ALL
SELECT :artists + artist.id / 10, 1, guest.id, guest.name, ''
FROM artist JOIN artist AS guest ON guest.id = 2 + generator.h(artist.id, 41) % (:artists - 2)
WHERE artist.id % 10 = 0;

\qecho '  release groups'
-- Of the others, one in 25 is a compilation of various artists; the rest go to artists by a power law.
CREATE UNLOGGED TABLE generator.release_group AS
SELECT *,
  CASE
    WHEN artist % 10 = 0 AND generator.h(n, 51) % 8 = 0 THEN :artists + artist / 10
    ELSE artist
  END AS credit
FROM (
  SELECT n,
    CASE
      WHEN n IN (6, 7) THEN 1
      WHEN n <= 8 THEN 14
      WHEN n <= 11 THEN 13
      WHEN n <= 6011 THEN 2
      WHEN n <= 16011 THEN 3 + (n - 6012) / 1000
      WHEN generator.h(n, 50) % 25 = 0 THEN 1
      ELSE 15 + floor((:artists - 15) * power(generator.h(n, 52) / 2147483648.0::float8, 2))::int
    END AS artist,
    CASE
      WHEN n = 1 THEN 2
      WHEN n <= 8 THEN 1
      ELSE (ARRAY[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 11, 12, NULL])[1 + generator.h(n, 53) % 22]
    END AS type,
    CASE n
      WHEN 1 THEN 1 WHEN 2 THEN 1 WHEN 3 THEN 7 WHEN 4 THEN 28 WHEN 5 THEN 56 WHEN 6 THEN 2 WHEN 7 THEN 1 WHEN 8 THEN 150
      ELSE (ARRAY[1, 2, 3, 5, 8, 20])[1 + width_bucket(generator.h(n, 54) % 1000, ARRAY[:releases])]
    END AS releases,
    CASE n
      WHEN 1 THEN 1 WHEN 2 THEN 1 WHEN 3 THEN 1 WHEN 4 THEN 2 WHEN 5 THEN 2 WHEN 6 THEN 2 WHEN 7 THEN 10 WHEN 8 THEN 1
      ELSE (ARRAY[1, 2, 3, 6])[1 + width_bucket(generator.h(n, 55) % 1000, ARRAY[910, 985, 997])]
    END AS media,
    1960 + generator.h(n, 56) % 66 AS year
  FROM generate_series(1, :groups) AS n
) AS numbers;
ALTER TABLE generator.release_group ADD tracks int;
UPDATE generator.release_group SET tracks = CASE n
  WHEN 1 THEN 2 WHEN 2 THEN 10 WHEN 3 THEN 11 WHEN 4 THEN 17 WHEN 5 THEN 30 WHEN 6 THEN 15 WHEN 7 THEN 30 WHEN 8 THEN 10
  ELSE CASE type WHEN 2 THEN 1 + generator.h(n, 57) % 4 WHEN 3 THEN 4 + generator.h(n, 57) % 4 ELSE 8 + generator.h(n, 57) % :tracks END
END;
ALTER TABLE generator.release_group ADD PRIMARY KEY (n);
ANALYZE generator.release_group;

INSERT INTO release_group (id, gid, name, artist_credit, type, comment, last_updated)
SELECT g.n, generator.gid('group', g.n), title.title, credit, type,
  CASE WHEN generator.h(g.n, 60) % 25 = 0 THEN 'the ' || year || ' album' ELSE '' END, generator.updated(g.n, 61)
FROM generator.release_group AS g JOIN generator.title AS title ON title.k = generator.h(g.n, 62) % :titles;
INSERT INTO release_group_meta (id, release_count, first_release_date_year, first_release_date_month, first_release_date_day, rating, rating_count)
SELECT n, releases, CASE WHEN dated > 0 THEN year END, CASE WHEN dated > 2 THEN 1 + generator.h(n, 64) % 12 END,
  CASE WHEN dated > 4 THEN 1 + generator.h(n, 65) % 28 END,
  CASE WHEN rated THEN 20 * (1 + generator.h(n, 67) % 5) END, CASE WHEN rated THEN 1 + generator.h(n, 68) % 25 END
FROM (SELECT *, generator.h(n, 63) % 20 AS dated, generator.h(n, 66) % 6 = 0 AS rated FROM generator.release_group) AS g;
INSERT INTO release_group_secondary_type_join (release_group, secondary_type)
SELECT n, 1 FROM generator.release_group WHERE artist = 1
UNION
SELECT n, (ARRAY[6, 6, 6, 1, 1, 2, 7, 8, 9, 10])[1 + generator.h(n, 71) % 10]
FROM generator.release_group WHERE n > 8 AND generator.h(n, 70) % 6 = 0
UNION
SELECT n, 6 FROM generator.release_group WHERE n > 8 AND generator.h(n, 72) % 60 = 0;
INSERT INTO release_group_alias (id, release_group, name, sort_name)
SELECT g.n, g.n, title.title, title.title
FROM generator.release_group AS g JOIN generator.title AS title ON title.k = generator.h(g.n, 74) % :titles
WHERE generator.h(g.n, 73) % 25 = 0;
INSERT INTO release_group_gid_redirect (gid, new_id)
SELECT generator.gid('merged group', n), n FROM generate_series(1, :groups) AS n WHERE generator.h(n, 75) % 50 = 0;
INSERT INTO release_group_tag (release_group, tag, count)
SELECT DISTINCT ON (n, tag.id) n, tag.id, 1 + generator.h(n * 8 + i, 77) % 9
FROM (
  SELECT n, generate_series(1, CASE WHEN n > 8 AND generator.h(n, 76) % 4 > 0 THEN 0 ELSE 1 + generator.h(n, 78) % 5 END) AS i
  FROM generate_series(1, :groups) AS n
) AS tags
JOIN generator.tag AS tag ON tag.k = generator.h(n * 8 + i, 79) % :tags;

\qecho '  links'
CREATE UNLOGGED TABLE generator.link AS
SELECT row_number() OVER (ORDER BY kind, n, i)::int AS id, kind, n, i
FROM (
  SELECT 0 AS kind, n, generate_series(1, CASE WHEN n <= 2 THEN 8 WHEN n <= 14 THEN 3 WHEN generator.h(n, 80) % 3 = 0 THEN 0 ELSE generator.h(n, 81) % 7 END) AS i
  FROM generate_series(2, :artists) AS n
  UNION ALL
  SELECT 1, n, generate_series(1, CASE WHEN n IN (3, 4, 5, 8) THEN 3 WHEN generator.h(n, 82) % 6 > 0 THEN 0 ELSE 1 + generator.h(n, 83) % 3 END)
  FROM generate_series(1, :groups) AS n
) AS links;
INSERT INTO url (id, gid, url, last_updated)
SELECT id, generator.gid('url', id),
  CASE kind WHEN 0 THEN (ARRAY[
    'https://www.discogs.com/artist/' || n, 'https://www.wikidata.org/wiki/Q' || id + 1000000,
    'https://www.allmusic.com/artist/mn' || lpad(n::text, 10, '0'), 'https://www.last.fm/music/artist+' || n,
    'https://open.spotify.com/artist/' || md5('s' || n), 'https://twitter.com/artist' || n,
    'https://www.facebook.com/artist.' || n, 'https://artist' || n || '.bandcamp.com/'])[i]
  ELSE (ARRAY['https://www.discogs.com/master/' || n, 'https://www.wikidata.org/wiki/Q' || id + 1000000,
    'https://www.allmusic.com/album/mw' || lpad(n::text, 10, '0')])[i] END,
  generator.updated(id, 84)
FROM generator.link;
INSERT INTO l_artist_url (id, link, entity0, entity1) SELECT id, 900001, n, id FROM generator.link WHERE kind = 0;
INSERT INTO l_release_group_url (id, link, entity0, entity1) SELECT id, 900002, n, id FROM generator.link WHERE kind = 1;

\qecho '  releases'
CREATE UNLOGGED TABLE generator.release AS
SELECT row_number() OVER (ORDER BY n, i)::int AS id, n AS release_group, i, artist, credit, media, tracks, year,
  (row_number() OVER (ORDER BY n, i) - 1) * 8 AS medium_base,
  sum(media * tracks) OVER (ORDER BY n, i) - media * tracks AS track_base
FROM (SELECT *, generate_series(1, releases) AS i FROM generator.release_group) AS releases;
ALTER TABLE generator.release ADD PRIMARY KEY (id);
ANALYZE generator.release;
INSERT INTO release (id, gid, name, artist_credit, release_group, status, barcode, comment, last_updated)
SELECT r.id, generator.gid('release', r.id), title.title, credit, release_group,
  (ARRAY[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 3, 3, 4, NULL])[1 + CASE WHEN i = 1 THEN 0 ELSE 8 END + generator.h(r.id, 90) % CASE WHEN i = 1 THEN 20 ELSE 12 END],
  (1000000000000 + generator.h(r.id, 91))::text,
  CASE WHEN i > 1 AND generator.h(r.id, 92) % 3 = 0 THEN (ARRAY['reissue', 'remastered', 'limited edition', 'deluxe edition', '180 gram vinyl'])[1 + r.id % 5] ELSE '' END,
  generator.updated(r.id, 93)
FROM generator.release AS r
JOIN generator.title AS title
  ON title.k = generator.h(CASE WHEN i > 1 AND generator.h(r.id, 94) % 20 = 0 THEN -r.id ELSE release_group END, 62) % :titles;
INSERT INTO release_gid_redirect (gid, new_id)
SELECT generator.gid('merged release', id), id FROM generator.release WHERE release_group > 8 AND generator.h(id, 95) % 40 = 0;
INSERT INTO release_country (release, country, date_year, date_month, date_day)
SELECT DISTINCT ON (id, area) id, area, least(year + i - 1, 2026), CASE WHEN generator.h(id, 97) % 3 > 0 THEN 1 + generator.h(id, 98) % 12 END,
  CASE WHEN generator.h(id, 97) % 3 > 1 THEN 1 + generator.h(id, 99) % 28 END
FROM (
  SELECT *, generate_series(1, CASE WHEN release_group <= 8 THEN 1 WHEN dice < 12 THEN 0 WHEN dice < 97 THEN 1 WHEN dice < 99 THEN 2 ELSE 25 END) AS c
  FROM (SELECT *, generator.h(id, 96) % 100 AS dice FROM generator.release) AS r
) AS events
JOIN generator.country AS country ON country.k = generator.h(id * 32::bigint + c, 100) % :countries;
INSERT INTO release_unknown_country (release, date_year)
SELECT id, year FROM generator.release WHERE release_group > 8 AND generator.h(id, 96) % 100 < 8;
INSERT INTO release_label (id, release, label, catalog_number)
SELECT row_number() OVER (ORDER BY id, l), id,
  CASE WHEN generator.h(id * 4::bigint + l, 102) % 20 > 0 THEN 900001 + generator.h(id * 4::bigint + l, 103) % 5000 END, 'CAT ' || generator.h(id, 104) % 100000
FROM (
  SELECT *, generate_series(1, (ARRAY[0, 1, 1, 1, 1, 1, 1, 2])[1 + generator.h(id, 101) % 8]) AS l FROM generator.release
) AS labels;
INSERT INTO medium (id, release, position, format, name, track_count, gid)
SELECT medium_base + m, id, m, (ARRAY[1, 1, 1, 1, 1, 12, 12, 12, 12, 7, 7, 31, 29, 8, 33, NULL])[1 + generator.h(id, 105) % 16],
  CASE WHEN media > 1 AND generator.h(id, 106) % 4 = 0 THEN 'Part ' || m ELSE '' END, tracks, generator.gid('medium', medium_base + m)
FROM (SELECT *, generate_series(1, media) AS m FROM generator.release WHERE release_group <> 7) AS media;
INSERT INTO medium (id, release, position, format, track_count, gid)
SELECT 100000000 + m, id, m, 1, tracks, generator.gid('medium', 100000000 + m)
FROM (SELECT *, generate_series(1, media) AS m FROM generator.release WHERE release_group = 7) AS media;

\qecho '  cover art'
INSERT INTO cover_art_archive.cover_art (id, release, edit, ordering, mime_type)
SELECT id * 10::bigint + 1, id, 1, 1, 'image/jpeg' FROM generator.release WHERE generator.h(id, 110) % 10 < 6
UNION ALL
SELECT id * 10::bigint + 2, id, 1, 2, 'image/jpeg' FROM generator.release WHERE generator.h(id, 110) % 10 < 2;
INSERT INTO cover_art_archive.cover_art_type (id, type_id)
SELECT id, CASE id % 10 WHEN 1 THEN 1 ELSE 4 END FROM cover_art_archive.cover_art;
INSERT INTO cover_art_archive.release_group_cover_art (release_group, release)
SELECT release_group, max(id) FROM generator.release WHERE generator.h(id, 110) % 10 < 6 AND generator.h(release_group, 111) % 20 = 0
GROUP BY release_group;

\qecho '  tracks and recordings'
-- What the releases of a group have in common are its recordings; one in four tracks of a later release has its own.
CREATE UNLOGGED TABLE generator.track AS
SELECT (track_base + s)::int AS id,
  CASE WHEN release_group = 7 THEN 100000001 + (s - 1) / tracks ELSE medium_base + 1 + (s - 1) / tracks END::int AS medium,
  1 + (s - 1) % tracks AS position,
  CASE WHEN i = 1 OR generator.h(track_base::bigint + s, 120) % 4 = 0 THEN track_base + s ELSE first_base + s END::int AS recording,
  generator.h(release_group * 1024::bigint + s, 121) % :titles AS title,
  60000 + generator.h(release_group * 1024::bigint + s, 122) % 400000 AS length,
  CASE
    WHEN release_group = 6 THEN 100 + s
    WHEN release_group = 7 THEN 1000 + s
    WHEN artist = 1 THEN 2 + generator.h(release_group * 64::bigint + s % 25, 123) % (:artists - 2)
    WHEN artist % 10 = 0 AND generator.h(release_group * 1024::bigint + s, 124) % 5 = 0 THEN :artists + artist / 10
    ELSE credit
  END AS credit,
  release_group <= 8 AS is_named
FROM (
  SELECT *, generate_series(1, media * tracks) AS s, first_value(track_base) OVER (PARTITION BY release_group ORDER BY i) AS first_base
  FROM generator.release
) AS tracks;
ANALYZE generator.track;
INSERT INTO recording (id, gid, name, artist_credit, length, video)
SELECT t.recording, generator.gid('recording', t.recording), title.title, credit, length, NOT is_named AND generator.h(recording, 125) % 200 = 0
FROM generator.track AS t JOIN generator.title AS title ON title.k = t.title
WHERE t.recording = t.id;
INSERT INTO track (id, gid, recording, medium, position, number, name, artist_credit, length, is_data_track)
SELECT t.id, generator.gid('track', t.id), recording, medium, position, position::text, title.title, credit,
  CASE WHEN t.title % 50 > 0 THEN length END, NOT is_named AND generator.h(id, 126) % 500 = 0
FROM generator.track AS t JOIN generator.title AS title ON title.k = t.title;
INSERT INTO recording_gid_redirect (gid, new_id)
SELECT generator.gid('merged recording', id), id FROM generator.track WHERE recording = id AND generator.h(id, 127) % 50 = 0;
INSERT INTO track_gid_redirect (gid, new_id)
SELECT generator.gid('merged track', id), id FROM generator.track WHERE generator.h(id, 128) % 200 = 0;

\qecho '  indexes'
SET max_parallel_maintenance_workers = 2;
SELECT definition FROM generator.index ORDER BY name \gexec

\o :entities
\t on
\pset format unaligned
\pset fieldsep '\t'
SELECT name, kind, gid FROM (
  SELECT 1 AS part, named.id AS n, named.name, 'artist' AS kind, artist.gid
  FROM (VALUES ('artist-small', 13), ('artist-1000', 3), ('artist-6000', 2)) AS named (name, id) JOIN artist USING (id)
  UNION ALL
  SELECT 2, named.id, named.name, 'album', release_group.gid
  FROM (VALUES ('album-small', 1), ('album-10', 2), ('album-77', 3), ('album-950', 4), ('album-3300', 5),
    ('compilation-30', 6), ('compilation-300', 7), ('album-150-releases', 8)) AS named (name, id)
  JOIN release_group USING (id)
  UNION ALL
  SELECT 3, id, 'mixed', 'artist', gid FROM artist WHERE id > 14 AND generator.h(id, 130) % (:artists / 500) = 0
  UNION ALL
  SELECT 4, id, 'mixed', 'album', gid FROM release_group WHERE id > 16011 AND generator.h(id, 131) % (:groups / 1000) = 0
) AS listed ORDER BY part, n;
\o
\t off
DROP SCHEMA generator CASCADE;
INSERT INTO replication_control (id, current_schema_sequence, current_replication_sequence, last_replication_date)
SELECT 1, 31, 170000, '2026-07-24 10:00:00+00' WHERE NOT EXISTS (SELECT FROM replication_control);
\qecho '  statistics'
VACUUM (ANALYZE);
