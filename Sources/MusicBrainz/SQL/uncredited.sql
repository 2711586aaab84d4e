-- How many release groups are credited to nobody, so that no artist lists them. It looks at all of them.
SELECT count(*)
FROM release_group
WHERE NOT EXISTS (
  SELECT
  FROM artist_credit_name AS credit
  JOIN artist ON artist.id = credit.artist
  WHERE credit.artist_credit = release_group.artist_credit AND credit.position = 0
)
