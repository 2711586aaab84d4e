-- What has a link to Spotify: one row for each of the ids that is an artist's, and for each that is an album's. An album
-- may be linked itself or through a release; where several are, the one that was linked first.
-- Most links begin with https, some of the older ones with http.
WITH asked AS (
  SELECT DISTINCT id, scheme
  FROM unnest($1::text[]) AS asked (id), unnest(ARRAY['https', 'http']) AS given (scheme)
)
SELECT DISTINCT ON (id, is_artist) id, is_artist, gid
FROM (
  SELECT asked.id, true AS is_artist, artist.gid, 1 AS rank, linked.id AS link
  FROM asked
  JOIN url ON url.url = asked.scheme || '://open.spotify.com/artist/' || asked.id
  JOIN l_artist_url AS linked ON linked.entity1 = url.id
  JOIN artist ON artist.id = linked.entity0
  UNION ALL
  SELECT asked.id, false, release_group.gid, 1, linked.id
  FROM asked
  JOIN url ON url.url = asked.scheme || '://open.spotify.com/album/' || asked.id
  JOIN l_release_group_url AS linked ON linked.entity1 = url.id
  JOIN release_group ON release_group.id = linked.entity0
  UNION ALL
  SELECT asked.id, false, release_group.gid, 2, linked.id
  FROM asked
  JOIN url ON url.url = asked.scheme || '://open.spotify.com/album/' || asked.id
  JOIN l_release_url AS linked ON linked.entity1 = url.id
  JOIN release ON release.id = linked.entity0
  JOIN release_group ON release_group.id = release.release_group
) AS found
ORDER BY id, is_artist, rank, link
