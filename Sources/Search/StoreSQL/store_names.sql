-- Names of documents, in the file of the store. They come with the documents and go with them.
CREATE TABLE IF NOT EXISTS entity_name (
  -- Whose name it is: 16 bytes, and 1 of an album.
  id BLOB NOT NULL,
  is_album INTEGER NOT NULL,
  -- The last eight bytes of the id of the artist.
  artist INTEGER NOT NULL,
  form INTEGER NOT NULL,
  -- 0 to 1000.
  popularity INTEGER NOT NULL,
  length INTEGER NOT NULL,
  key TEXT NOT NULL,
  reversed TEXT NOT NULL,
  name TEXT NOT NULL,
  credit TEXT NOT NULL,
  -- Divided by spaces.
  words TEXT NOT NULL
);

CREATE INDEX IF NOT EXISTS entity_name_idx_id ON entity_name (id);

CREATE INDEX IF NOT EXISTS entity_name_idx_key ON entity_name (is_album, key);

CREATE INDEX IF NOT EXISTS entity_name_idx_length ON entity_name (is_album, length, key);

CREATE INDEX IF NOT EXISTS entity_name_idx_reversed ON entity_name (is_album, length, reversed);

CREATE INDEX IF NOT EXISTS entity_name_idx_artist ON entity_name (artist, key) WHERE is_album = 1;

CREATE INDEX IF NOT EXISTS entity_name_idx_known ON entity_name (length) WHERE is_album = 0 AND popularity >= 350;

CREATE TABLE IF NOT EXISTS name_word (
  word TEXT NOT NULL,
  is_album INTEGER NOT NULL,
  name INTEGER NOT NULL,
  PRIMARY KEY (word, is_album, name)
) WITHOUT ROWID;

-- Counts changes, so that searches are made anew.
CREATE TABLE IF NOT EXISTS name_change (number INTEGER NOT NULL);

INSERT INTO name_change SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM name_change);

CREATE INDEX IF NOT EXISTS name_word_idx_name ON name_word (name);

CREATE TRIGGER IF NOT EXISTS entity_name_goes AFTER DELETE ON entity_name
BEGIN
  DELETE FROM name_word WHERE name = old.rowid;
END;

CREATE TRIGGER IF NOT EXISTS document_goes AFTER DELETE ON document WHEN old.kind IN ('artist', 'album')
BEGIN
  DELETE FROM entity_name WHERE id = old.id;
END;
