UPDATE build_progress SET last_place = last_place + 1 RETURNING last_place
