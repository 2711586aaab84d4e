-- Artists and albums, as many as the variables say, called what nobody is called: the first words of one real name and the last
-- of another. Nine of ten are hardly ever credited.
DO 'BEGIN PERFORM setseed(0.5); END';

CREATE TABLE given.part AS
SELECT row_number() OVER (ORDER BY md5(name)) AS id, split_part(name, ' ', 1) AS first,
  coalesce(nullif(substr(name, strpos(name, ' ') + 1), name), 'Band') AS last
FROM (SELECT name FROM given.artist UNION ALL SELECT title FROM given.album) AS name (name);
ALTER TABLE given.part ADD PRIMARY KEY (id);

INSERT INTO artist (id, gid, name, sort_name, comment, last_updated)
SELECT 30000000 + n, gen_random_uuid(), name, name, n::text, now()
FROM (
  SELECT n, left(a.first || ' ' || b.last, 200) AS name
  FROM (
    SELECT n, 1 + (random() * (top - 1))::int AS a, 1 + (random() * (top - 1))::int AS b
    FROM generate_series(1, :artists) AS n, (SELECT count(*) AS top FROM given.part) AS part
  ) AS pick
  JOIN given.part AS a ON a.id = pick.a
  JOIN given.part AS b ON b.id = pick.b
) AS made;

INSERT INTO artist_credit (id, name, artist_count, ref_count, gid)
SELECT id, name, 1, 1 + (30 * power(random(), 8))::int, gen_random_uuid() FROM artist WHERE id > 30000000;

INSERT INTO artist_credit_name (artist_credit, position, artist, name, join_phrase)
SELECT id, 0, id, name, '' FROM artist WHERE id > 30000000;

INSERT INTO release_group (id, gid, name, artist_credit, type, last_updated)
SELECT 30000000 + n, gen_random_uuid(), name, credit, type, now()
FROM (
  SELECT n, left(a.first || ' ' || b.last, 200) AS name, 30000001 + (random() * (:artists - 1))::int AS credit,
    1 + (random() * 2)::int AS type
  FROM (
    SELECT n, 1 + (random() * (top - 1))::int AS a, 1 + (random() * (top - 1))::int AS b
    FROM generate_series(1, :albums) AS n, (SELECT count(*) AS top FROM given.part) AS part
  ) AS pick
  JOIN given.part AS a ON a.id = pick.a
  JOIN given.part AS b ON b.id = pick.b
) AS made;

ANALYZE artist;
ANALYZE artist_credit;
ANALYZE artist_credit_name;
ANALYZE release_group;
