-- Adds to a file of layout 1.0 the columns that layout.sql explains.
ALTER TABLE document ADD COLUMN announced INTEGER NOT NULL DEFAULT 0;

ALTER TABLE document ADD COLUMN stamp INTEGER NOT NULL DEFAULT 0;

ALTER TABLE document ADD COLUMN claimed_until INTEGER NOT NULL DEFAULT 0;
