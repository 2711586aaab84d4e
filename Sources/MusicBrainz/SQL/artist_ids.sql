SELECT gid FROM artist WHERE gid > $1::uuid ORDER BY gid LIMIT $2::int8
