UPDATE build_progress SET earlier_since = ?1, earlier_done = ?2, since = ?3, done = ?4
