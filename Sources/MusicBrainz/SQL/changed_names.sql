-- What has changed since $1 (microseconds since 1970) of what an index of names is made of: its kind, and the key of
-- the row or the id that was merged. That a release was renamed shows in its own time alone.
WITH since AS (SELECT to_timestamp(0) + $1::int8 * interval '1 microsecond' AS moment)
SELECT 0::int8, artist.id::int8, NULL::uuid
FROM since JOIN artist ON artist.last_updated > moment
UNION
SELECT 0, alias.artist, NULL
FROM since JOIN artist_alias AS alias ON alias.last_updated > moment
UNION
SELECT 1, release_group.id, NULL
FROM since JOIN release_group ON release_group.last_updated > moment
UNION
SELECT 1, alias.release_group, NULL
FROM since JOIN release_group_alias AS alias ON alias.last_updated > moment
UNION
SELECT 1, release.release_group, NULL
FROM since JOIN release ON release.last_updated > moment
UNION
SELECT 2, NULL, redirect.gid
FROM since JOIN artist_gid_redirect AS redirect ON redirect.created > moment
UNION
SELECT 3, NULL, redirect.gid
FROM since JOIN release_group_gid_redirect AS redirect ON redirect.created > moment
