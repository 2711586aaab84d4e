INSERT INTO linernotes_search.changed_album_name
SELECT
  album, gid, artist, form,
  least(
    1000,
    coalesce(
      0.6 * greatest(
        (SELECT max(popularity) FROM linernotes_search.artist_name AS known WHERE known.artist = given.artist),
        (SELECT max(popularity) FROM linernotes_search.changed_artist_name AS known WHERE known.artist = given.artist)),
      0)
      + 400 * ln(1 + weight) / state.album_scale
  )::int,
  char_length(key), key, name, credit, string_to_array(words, ' ')
FROM
  unnest($1::int8[], $2::uuid[], $3::int8[], $4::int8[], $5::int8[], $6::text[], $7::text[], $8::text[], $9::text[])
    AS given (album, gid, artist, form, weight, key, name, credit, words)
CROSS JOIN linernotes_search.state
