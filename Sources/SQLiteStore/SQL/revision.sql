-- The next revision. Whoever computes a document takes one before the source is asked, and what comes of it replaces only
-- what has an earlier one.
UPDATE revision SET value = value + 1 RETURNING value
