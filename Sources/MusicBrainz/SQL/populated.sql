-- Whether this is MusicBrainz with its data: in a table that nothing was imported into, nothing can be "not found".
SELECT
  EXISTS (SELECT FROM artist)
  AND EXISTS (SELECT FROM artist_credit_name)
  AND EXISTS (SELECT FROM release_group)
  AND EXISTS (SELECT FROM release)
  AND EXISTS (SELECT FROM medium)
  AND EXISTS (SELECT FROM track)
