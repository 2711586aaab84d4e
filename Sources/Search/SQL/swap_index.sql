-- One transaction: whoever searches finds the old generation or the new one.
DROP SCHEMA IF EXISTS linernotes_search CASCADE;
ALTER SCHEMA linernotes_search_new RENAME TO linernotes_search
