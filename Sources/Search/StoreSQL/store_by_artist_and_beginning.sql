SELECT id, artist, form, popularity, key, name, credit, words
FROM entity_name
WHERE artist = ?1 AND is_album = 1 AND key >= ?2 AND key < ?2 || char(1114111)
LIMIT ?3
