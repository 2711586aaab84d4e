INSERT INTO entity_name
  (id, is_album, artist, form, popularity, length, key, reversed, name, credit, words)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
