-- Moves bookmarks that are where their reader thinks ($2; '' for nowhere yet), and answers with those.
WITH move AS (
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) AS move (name, place, next)
), moved AS (
  UPDATE cache.bookmark AS bookmark
  SET value = move.next
  FROM move
  WHERE bookmark.name = move.name AND bookmark.value = move.place
  RETURNING bookmark.name
), placed AS (
  INSERT INTO cache.bookmark (name, value)
  SELECT name, next FROM move WHERE place = ''
  ON CONFLICT DO NOTHING
  RETURNING name
)
SELECT name FROM moved
UNION ALL
SELECT name FROM placed
