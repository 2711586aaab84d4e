-- Where COPY puts what is to be inserted: it cannot pass over rows that are there already.
CREATE TEMPORARY TABLE IF NOT EXISTS incoming (kind text NOT NULL, id uuid NOT NULL);

TRUNCATE incoming;
