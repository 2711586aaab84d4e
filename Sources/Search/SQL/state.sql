-- How the index is made, and how long ago it was last brought up to date, in seconds.
SELECT format, extract(epoch FROM now() - refreshed)::int8 FROM search.state
