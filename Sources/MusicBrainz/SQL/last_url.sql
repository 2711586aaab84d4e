SELECT coalesce(max(id), 0)::int8 FROM url
