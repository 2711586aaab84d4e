-- The latest change of anything that an index of names is made of, in microseconds since 1970.
SELECT (extract(epoch FROM greatest(
  (SELECT max(last_updated) FROM artist),
  (SELECT max(last_updated) FROM artist_alias),
  (SELECT max(created) FROM artist_gid_redirect),
  (SELECT max(last_updated) FROM release_group),
  (SELECT max(last_updated) FROM release_group_alias),
  (SELECT max(created) FROM release_group_gid_redirect),
  'epoch'::timestamptz
)) * 1000000)::int8
