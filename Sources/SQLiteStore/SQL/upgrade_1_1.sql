-- Brings a file of layout 1.0 to where layout.sql, which explains all this, can add the rest.
ALTER TABLE document ADD COLUMN announced INTEGER NOT NULL DEFAULT 0;

ALTER TABLE document ADD COLUMN stamp INTEGER NOT NULL DEFAULT 0;

ALTER TABLE document ADD COLUMN claimed_until INTEGER NOT NULL DEFAULT 0;

DROP INDEX IF EXISTS document_idx_expires;
