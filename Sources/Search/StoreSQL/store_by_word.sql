SELECT id, artist, form, popularity, key, entity_name.name, credit, words
FROM name_word
JOIN entity_name ON entity_name.rowid = name_word.name
WHERE name_word.is_album = ?1 AND word = ?2
ORDER BY popularity DESC
LIMIT ?3
