-- A new generation of the index, beside the one in use. What is loaded first has no order and no indexes.
DROP SCHEMA IF EXISTS linernotes_search_new CASCADE;
CREATE SCHEMA linernotes_search_new;
COMMENT ON SCHEMA linernotes_search_new IS '$marker';
CREATE UNLOGGED TABLE linernotes_search_new.loaded_artist (
  artist int NOT NULL, gid uuid NOT NULL, form int NOT NULL, weight float8 NOT NULL, key text NOT NULL,
  name text NOT NULL, words text NOT NULL
);
CREATE UNLOGGED TABLE linernotes_search_new.loaded_album (
  album int NOT NULL, gid uuid NOT NULL, artist int NOT NULL, form int NOT NULL, weight float8 NOT NULL,
  key text NOT NULL, name text NOT NULL, credit text NOT NULL, words text NOT NULL
)
