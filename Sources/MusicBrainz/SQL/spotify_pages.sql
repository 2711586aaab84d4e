-- What has a link to Spotify, of the addresses with ids behind $1 and up to $2: what spotify_links.sql finds for each, in an
-- order in which the best comes last.
SELECT id, is_artist, gid
FROM (
  SELECT split_part(url.url, '/', 5) AS id, true AS is_artist, artist.gid, 1 AS rank, linked.id AS link
  FROM url
  JOIN l_artist_url AS linked ON linked.entity1 = url.id
  JOIN artist ON artist.id = linked.entity0
  WHERE url.id > $1::int8 AND url.id <= $2::int8 AND url.url ~ '^https?://open[.]spotify[.]com/artist/[0-9A-Za-z]+$'
  UNION ALL
  SELECT split_part(url.url, '/', 5), false, release_group.gid, 1, linked.id
  FROM url
  JOIN l_release_group_url AS linked ON linked.entity1 = url.id
  JOIN release_group ON release_group.id = linked.entity0
  WHERE url.id > $1::int8 AND url.id <= $2::int8 AND url.url ~ '^https?://open[.]spotify[.]com/album/[0-9A-Za-z]+$'
  UNION ALL
  SELECT split_part(url.url, '/', 5), false, release_group.gid, 2, linked.id
  FROM url
  JOIN l_release_url AS linked ON linked.entity1 = url.id
  JOIN release ON release.id = linked.entity0
  JOIN release_group ON release_group.id = release.release_group
  WHERE url.id > $1::int8 AND url.id <= $2::int8 AND url.url ~ '^https?://open[.]spotify[.]com/album/[0-9A-Za-z]+$'
) AS found
ORDER BY rank DESC, link DESC
