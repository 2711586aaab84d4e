SELECT earlier_since, earlier_done, since, done FROM build_progress
