SELECT id, name FROM release_status
