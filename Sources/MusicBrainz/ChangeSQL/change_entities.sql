-- The documents that seeds (ChangeSeeds) lead to, by kind and id. Artists ($1), their lists ($2), and series with albums of
-- theirs ($3); albums ($4), the lists that they are on ($5), and the series ($6); the albums of releases ($7), the lists
-- that they are on ($8), and those that they may be on otherwise ($9); series ($10); whatever links to pages ($11) or
-- has tags, by key ($12) and by name ($13). What leads to more than $14 concerns everything.
-- A series is told by the ids that were merged into it as well: theirs are documents of their own.
-- A release may be listed otherwise if it has tracks that do not count, or none at all.
SELECT 'artist', gid FROM artist WHERE id = ANY ($1::int8[])
UNION
SELECT 'discography', gid FROM artist WHERE id = ANY ($2::int8[])
UNION
SELECT CASE WHEN number > $14::int8 THEN 'everything' ELSE 'series' END, gid
FROM unnest($3::int8[]) AS given (id) CROSS JOIN LATERAL (
  SELECT listed.entity1 AS id, row_number() OVER () AS number
  FROM artist_credit_name AS credit
  JOIN release_group ON release_group.artist_credit = credit.artist_credit
  JOIN l_release_group_series AS listed ON listed.entity0 = release_group.id
  WHERE credit.artist = given.id AND credit.position = 0
  LIMIT $14::int8 + 1
) AS found
CROSS JOIN LATERAL (
  SELECT gid FROM series WHERE series.id = found.id
  UNION ALL
  SELECT gid FROM series_gid_redirect WHERE new_id = found.id
) AS named
UNION
SELECT 'album', gid FROM release_group WHERE id = ANY ($4::int8[])
UNION
SELECT 'discography', artist.gid
FROM release_group
JOIN artist_credit_name AS credit ON credit.artist_credit = release_group.artist_credit AND credit.position = 0
JOIN artist ON artist.id = credit.artist
WHERE release_group.id = ANY ($5::int8[])
UNION
SELECT 'series', named.gid
FROM l_release_group_series AS listed
CROSS JOIN LATERAL (
  SELECT gid FROM series WHERE series.id = listed.entity1
  UNION ALL
  SELECT gid FROM series_gid_redirect WHERE new_id = listed.entity1
) AS named
WHERE listed.entity0 = ANY ($6::int8[])
UNION
SELECT 'album', release_group.gid
FROM release JOIN release_group ON release_group.id = release.release_group
WHERE release.id = ANY ($7::int8[])
UNION
SELECT 'discography', artist.gid
FROM release
JOIN release_group ON release_group.id = release.release_group
JOIN artist_credit_name AS credit ON credit.artist_credit = release_group.artist_credit AND credit.position = 0
JOIN artist ON artist.id = credit.artist
WHERE release.id = ANY ($8::int8[])
UNION
SELECT 'discography', artist.gid
FROM release
JOIN release_group ON release_group.id = release.release_group
JOIN artist_credit_name AS credit ON credit.artist_credit = release_group.artist_credit AND credit.position = 0
JOIN artist ON artist.id = credit.artist
WHERE release.id = ANY ($9::int8[])
  AND (
    NOT EXISTS (SELECT FROM medium JOIN track ON track.medium = medium.id WHERE medium.release = release.id)
    OR EXISTS (
      SELECT
      FROM medium
      JOIN track ON track.medium = medium.id
      LEFT JOIN recording ON recording.id = track.recording
      WHERE medium.release = release.id AND (track.is_data_track OR recording.video)
    )
  )
UNION
SELECT 'series', gid FROM series WHERE id = ANY ($10::int8[])
UNION
SELECT 'series', gid FROM series_gid_redirect WHERE new_id = ANY ($10::int8[])
UNION
SELECT CASE WHEN number > $14::int8 THEN 'everything' ELSE 'artist' END, gid
FROM unnest($11::int8[]) AS given (id) CROSS JOIN LATERAL (
  SELECT artist.gid, row_number() OVER () AS number
  FROM l_artist_url AS link JOIN artist ON artist.id = link.entity0
  WHERE link.entity1 = given.id
  LIMIT $14::int8 + 1
) AS found
UNION
SELECT CASE WHEN number > $14::int8 THEN 'everything' ELSE 'album' END, gid
FROM unnest($11::int8[]) AS given (id) CROSS JOIN LATERAL (
  SELECT release_group.gid, row_number() OVER () AS number
  FROM l_release_group_url AS link JOIN release_group ON release_group.id = link.entity0
  WHERE link.entity1 = given.id
  LIMIT $14::int8 + 1
) AS found
UNION
SELECT CASE WHEN number > $14::int8 THEN 'everything' ELSE kind END, gid
FROM (
  SELECT id FROM unnest($12::int8[]) AS given (id)
  UNION
  SELECT tag.id FROM unnest($13::text[]) AS given (name) JOIN tag ON tag.name = given.name
) AS used CROSS JOIN LATERAL (
  (
    SELECT 'artist' AS kind, artist.gid, row_number() OVER () AS number
    FROM artist_tag AS tagged JOIN artist ON artist.id = tagged.artist
    WHERE tagged.tag = used.id AND tagged.count > 0
    LIMIT $14::int8 + 1
  )
  UNION ALL
  (
    SELECT 'album', release_group.gid, row_number() OVER ()
    FROM release_group_tag AS tagged JOIN release_group ON release_group.id = tagged.release_group
    WHERE tagged.tag = used.id AND tagged.count > 0
    LIMIT $14::int8 + 1
  )
) AS found
