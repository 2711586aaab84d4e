-- How the index is made, how long ago it was last brought up to date, in seconds, and whether there are names in it.
-- Albums alone may all be gone: without artists there cannot have been any.
SELECT
  format,
  extract(epoch FROM now() - refreshed)::int8,
  EXISTS (SELECT FROM linernotes_search.artist_name) OR EXISTS (SELECT FROM linernotes_search.changed_artist_name)
FROM linernotes_search.state
