INSERT INTO linernotes_search_new.loaded_artist
SELECT * FROM unnest($1::int8[], $2::uuid[], $3::int8[], $4::int8[], $5::text[], $6::text[], $7::text[])
