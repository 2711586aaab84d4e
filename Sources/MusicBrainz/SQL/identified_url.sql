-- What the pages at these addresses are about: 0 and an artist, or 1 and a release group, which a release stands for.
WITH page AS (SELECT id FROM url WHERE url = ANY ($1::text[]))
SELECT DISTINCT 0::int8, artist.gid
FROM page
JOIN l_artist_url AS link ON link.entity1 = page.id
JOIN artist ON artist.id = link.entity0
UNION ALL
SELECT DISTINCT 1, release_group.gid
FROM page
JOIN l_release_group_url AS link ON link.entity1 = page.id
JOIN release_group ON release_group.id = link.entity0
UNION ALL
SELECT DISTINCT 1, release_group.gid
FROM page
JOIN l_release_url AS link ON link.entity1 = page.id
JOIN release ON release.id = link.entity0
JOIN release_group ON release_group.id = release.release_group
