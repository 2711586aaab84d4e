SELECT id FROM release_group WHERE id > $1::int8 ORDER BY id LIMIT $2::int8
