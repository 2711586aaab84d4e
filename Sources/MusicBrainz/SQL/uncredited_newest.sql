-- How many of the newest release groups are credited to nobody, so that no artist lists them. A table of credits that was
-- loaded in part lacks the newest.
SELECT count(*)
FROM (SELECT artist_credit FROM release_group ORDER BY id DESC LIMIT 500) AS newest
LEFT JOIN artist_credit_name AS credit ON credit.artist_credit = newest.artist_credit AND credit.position = 0
LEFT JOIN artist ON artist.id = credit.artist
WHERE artist.id IS NULL
