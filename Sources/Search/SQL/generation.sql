-- Changes when the names in the index do, in microseconds since 1970.
SELECT (extract(epoch FROM built) * 1000000)::int8, until FROM linernotes_search.state
