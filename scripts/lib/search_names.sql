-- The names of Tests/SearchQuality, loaded into the schema "given", as rows of MusicBrainz. How often an artist is
-- credited falls with its rank as it does in MusicBrainz: the thousand best known from 200,000 times to 200, the others
-- up to 20 times.
INSERT INTO artist (id, gid, name, sort_name, comment, last_updated)
SELECT 20000000 + row_number() OVER (ORDER BY gid), gid, name, sort_name, left(gid::text, 8), now()
FROM (SELECT DISTINCT ON (gid) * FROM given.artist ORDER BY gid, popularity DESC, name) AS given
WHERE NOT EXISTS (SELECT FROM artist WHERE artist.gid = given.gid);

INSERT INTO artist_alias (artist, name, sort_name, last_updated)
SELECT DISTINCT artist.id, given.name, given.sort_name, now()
FROM given.artist AS given JOIN artist ON artist.gid = given.gid AND artist.name <> given.name
WHERE artist.id > 20000000;

INSERT INTO artist_meta (id) SELECT id FROM artist WHERE id > 20000000;

INSERT INTO artist_credit (id, name, artist_count, ref_count, gid)
SELECT
  artist.id, artist.name, 1,
  CASE given.popularity WHEN 0 THEN 1 + abs(hashtext(artist.name)) % 20 ELSE 200000 / (1002 - given.popularity) END,
  gen_random_uuid()
FROM artist
JOIN (SELECT gid, max(popularity) AS popularity FROM given.artist GROUP BY gid) AS given ON given.gid = artist.gid
WHERE artist.id > 20000000;

INSERT INTO artist_credit_name (artist_credit, position, artist, name, join_phrase)
SELECT id, 0, id, name, '' FROM artist WHERE id > 20000000;

INSERT INTO release_group (id, gid, name, artist_credit, type, last_updated)
SELECT
  20000000 + row_number() OVER (ORDER BY given.gid), given.gid, given.title, credit.artist_credit, type.id, now()
FROM (TABLE given.album UNION ALL TABLE given.noisy_album) AS given
JOIN artist ON artist.gid = given.artist
JOIN LATERAL (
  SELECT artist_credit FROM artist_credit_name
  JOIN artist_credit ON artist_credit.id = artist_credit AND artist_count = 1
  WHERE artist = artist.id
  ORDER BY ref_count DESC LIMIT 1
) AS credit ON true
LEFT JOIN release_group_primary_type AS type ON type.name = given.type
WHERE NOT EXISTS (SELECT FROM release_group WHERE release_group.gid = given.gid);

INSERT INTO release_group_meta (id, release_count, first_release_date_year)
SELECT release_group.id, 1 + abs(hashtext(name)) % 5, nullif(left(given.released, 4), '')::int
FROM release_group JOIN (TABLE given.album UNION ALL TABLE given.noisy_album) AS given ON given.gid = release_group.gid
WHERE release_group.id > 20000000;

ANALYZE artist;
ANALYZE artist_credit;
ANALYZE artist_credit_name;
ANALYZE release_group;
