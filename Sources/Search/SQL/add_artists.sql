INSERT INTO linernotes_search.changed_artist_name
SELECT
  artist, gid, form, least(1000, round(1000 * ln(1 + weight) / state.artist_scale)), char_length(key), key, name,
  string_to_array(words, ' ')
FROM
  unnest($1::int8[], $2::uuid[], $3::int8[], $4::int8[], $5::text[], $6::text[], $7::text[])
    AS given (artist, gid, form, weight, key, name, words)
CROSS JOIN linernotes_search.state
