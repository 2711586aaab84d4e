-- One transaction: whoever searches finds the old generation or the new one.
DROP SCHEMA IF EXISTS search CASCADE;
ALTER SCHEMA search_new RENAME TO search
