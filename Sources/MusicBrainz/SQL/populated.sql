-- Whether the import of this copy of MusicBrainz has been finished: it fills the tables one by one and gives them their
-- primary keys last, and until then nothing can be told to be missing.
SELECT count(*) = 8
FROM pg_index
WHERE indisprimary
  AND indrelid = ANY (
    ARRAY[
      'artist', 'artist_credit', 'artist_credit_name', 'release_group', 'release', 'medium', 'track', 'recording'
    ]::regclass[]
  )
