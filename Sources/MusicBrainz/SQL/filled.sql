-- The first of the tables without which nothing is told in full that has no rows; no row when all of them have some.
SELECT name
FROM (
  VALUES
    ('artist', EXISTS (SELECT FROM artist)),
    ('artist_credit', EXISTS (SELECT FROM artist_credit)),
    ('artist_credit_name', EXISTS (SELECT FROM artist_credit_name)),
    ('release_group', EXISTS (SELECT FROM release_group)),
    ('release', EXISTS (SELECT FROM release)),
    ('medium', EXISTS (SELECT FROM medium)),
    ('track', EXISTS (SELECT FROM track)),
    ('recording', EXISTS (SELECT FROM recording))
) AS needed (name, has_rows)
WHERE NOT has_rows
LIMIT 1
