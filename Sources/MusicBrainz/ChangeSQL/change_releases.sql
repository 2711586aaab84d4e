-- The releases that seeds (ChangeSeeds) lead to: by media ($1), tracks ($2), recordings ($3), recordings whose length is
-- that of tracks without one ($4), labels ($5) and areas ($6); then those whose album may be listed otherwise, by
-- media ($7) and recordings ($11), and is, by media ($8) and recordings ($9). What leads to more than $10 releases concerns everything.
SELECT 'release', release::int8
FROM medium WHERE id = ANY ($1::int8[])
UNION
SELECT 'release', medium.release
FROM track JOIN medium ON medium.id = track.medium
WHERE track.id = ANY ($2::int8[])
UNION
SELECT CASE WHEN number > $10::int8 THEN 'everything' ELSE 'release' END, release
FROM unnest($3::int8[]) AS given (id) CROSS JOIN LATERAL (
  SELECT medium.release, row_number() OVER () AS number
  FROM track JOIN medium ON medium.id = track.medium
  WHERE track.recording = given.id
  LIMIT $10::int8 + 1
) AS found
UNION
SELECT CASE WHEN number > $10::int8 THEN 'everything' ELSE 'release' END, release
FROM unnest($4::int8[]) AS given (id) CROSS JOIN LATERAL (
  SELECT medium.release, row_number() OVER () AS number
  FROM track JOIN medium ON medium.id = track.medium
  WHERE track.recording = given.id AND track.length IS NULL
  LIMIT $10::int8 + 1
) AS found
UNION
SELECT CASE WHEN number > $10::int8 THEN 'everything' ELSE 'release' END, release
FROM unnest($5::int8[]) AS given (id) CROSS JOIN LATERAL (
  SELECT release, row_number() OVER () AS number
  FROM release_label
  WHERE label = given.id
  LIMIT $10::int8 + 1
) AS found
UNION
SELECT CASE WHEN number > $10::int8 THEN 'everything' ELSE 'release' END, release
FROM unnest($6::int8[]) AS given (id) CROSS JOIN LATERAL (
  SELECT release, row_number() OVER () AS number
  FROM release_country
  WHERE country = given.id
  LIMIT $10::int8 + 1
) AS found
UNION
SELECT 'listing', release
FROM medium WHERE id = ANY ($7::int8[])
UNION
SELECT 'discographyOfRelease', release
FROM medium WHERE id = ANY ($8::int8[])
UNION
SELECT CASE WHEN number > $10::int8 THEN 'everything' ELSE 'discographyOfRelease' END, release
FROM unnest($9::int8[]) AS given (id) CROSS JOIN LATERAL (
  SELECT medium.release, row_number() OVER () AS number
  FROM track JOIN medium ON medium.id = track.medium
  WHERE track.recording = given.id
  LIMIT $10::int8 + 1
) AS found
UNION
SELECT CASE WHEN number > $10::int8 THEN 'everything' ELSE 'listing' END, release
FROM unnest($11::int8[]) AS given (id) CROSS JOIN LATERAL (
  SELECT medium.release, row_number() OVER () AS number
  FROM track JOIN medium ON medium.id = track.medium
  WHERE track.recording = given.id
  LIMIT $10::int8 + 1
) AS found
