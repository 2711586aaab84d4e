SELECT gid FROM release_group WHERE gid > $1::uuid ORDER BY gid LIMIT $2::int8
