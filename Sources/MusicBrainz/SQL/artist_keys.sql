SELECT id FROM artist WHERE id > $1::int8 ORDER BY id LIMIT $2::int8
