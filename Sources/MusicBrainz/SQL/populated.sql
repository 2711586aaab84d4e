-- Whether the import of this copy of MusicBrainz has been finished: it fills the tables one by one and gives them their
-- primary keys last, and until then nothing can be told to be missing. And whether there are artists and release
-- groups at all: in an empty table, too, nothing can be "not found".
SELECT
  (
    SELECT count(*) = 6
    FROM pg_index
    WHERE indisprimary
      AND indrelid = ANY (
        ARRAY['artist', 'artist_credit_name', 'release_group', 'release', 'medium', 'track']::regclass[]
      )
  ),
  EXISTS (SELECT FROM artist),
  EXISTS (SELECT FROM release_group)
