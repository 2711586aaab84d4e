UPDATE linernotes_search.state SET until = $1::int8, refreshed = now()
