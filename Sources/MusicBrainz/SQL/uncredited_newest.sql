-- Of the newest release groups: how many are credited to nobody, so that no artist lists them, how many there are, and what
-- the credits say, empty where not even that is there. A table of credits that was loaded in part lacks the newest.
SELECT
  count(*) FILTER (WHERE artist.id IS NULL),
  count(*),
  coalesce(
    array_agg(DISTINCT coalesce((SELECT name FROM artist_credit WHERE artist_credit.id = newest.artist_credit), ''))
      FILTER (WHERE artist.id IS NULL),
    '{}'
  )::text[]
FROM (SELECT artist_credit FROM release_group ORDER BY id DESC LIMIT 500) AS newest
LEFT JOIN artist_credit_name AS credit ON credit.artist_credit = newest.artist_credit AND credit.position = 0
LEFT JOIN artist ON artist.id = credit.artist
