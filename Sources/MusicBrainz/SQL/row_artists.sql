-- The artists of these rows of artist ($1), and those that these rows of url ($2) are linked to.
SELECT gid
FROM artist
WHERE id = ANY ($1::int8[])
UNION
SELECT artist.gid
FROM l_artist_url AS linked
JOIN artist ON artist.id = linked.entity0
WHERE linked.entity1 = ANY ($2::int8[])
