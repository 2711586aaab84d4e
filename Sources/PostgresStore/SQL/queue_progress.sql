SELECT
  (SELECT count(*) FROM cache.build),
  (SELECT count(*) FROM cache.build WHERE leased_until > clock_timestamp()),
  progress.earlier_done + progress.done,
  extract(epoch FROM progress.earlier_since)::bigint,
  greatest(0, extract(epoch FROM clock_timestamp() - progress.earlier_since))::bigint,
  (SELECT extract(epoch FROM clock_timestamp() - min(added))::bigint FROM cache.build)
FROM cache.build_progress AS progress
