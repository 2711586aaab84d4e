-- The same as change_seeds.sql of the Cover Art Archive's tables, which a mirror may lack. Only images of some types are
-- looked at. One that is added comes with its types.
WITH changed AS MATERIALIZED (
  SELECT
    change.tablename,
    row ->> 'op' AS op,
    coalesce(nullif(row -> 'old', 'null'), '{}') AS old,
    coalesce(nullif(row -> 'new', 'null'), '{}') AS new
  FROM linernotes.change CROSS JOIN LATERAL jsonb_array_elements(change.rows) AS entry (row)
  WHERE change.id = ANY ($1::int8[]) AND change.tablename LIKE 'cover\_art\_archive.%'
),
shown (tablename, columns) AS (
  VALUES
    ('cover_art_archive.art_type', ARRAY['id', 'name']),
    ('cover_art_archive.cover_art', ARRAY['id', 'release', 'ordering']),
    ('cover_art_archive.cover_art_type', ARRAY['id', 'type_id']),
    ('cover_art_archive.release_group_cover_art', ARRAY['release_group', 'release'])
),
side AS MATERIALIZED (
  SELECT tablename, op, old AS row, new AS other FROM changed WHERE op <> 'i'
  UNION ALL
  SELECT tablename, op, new, old FROM changed WHERE op <> 'd'
),
wanted AS MATERIALIZED (
  SELECT id FROM cover_art_archive.art_type WHERE name IN ('Front', 'Medium', 'Raw/Unedited')
)
SELECT 'everything' AS kind, NULL::int8 AS key, NULL::uuid AS gid, NULL::text AS name
FROM changed JOIN shown ON shown.tablename = changed.tablename
WHERE NOT CASE op WHEN 'd' THEN old ELSE new END ?& columns
UNION ALL
SELECT 'everything', NULL, NULL, NULL
FROM changed
WHERE tablename = 'cover_art_archive.art_type' AND old ->> 'name' IS DISTINCT FROM new ->> 'name'
  AND (old ->> 'name' IN ('Front', 'Medium', 'Raw/Unedited') OR new ->> 'name' IN ('Front', 'Medium', 'Raw/Unedited'))
UNION ALL
SELECT 'album', (row ->> 'release_group')::int8, NULL, NULL
FROM side
WHERE tablename = 'cover_art_archive.release_group_cover_art'
UNION ALL
SELECT 'release', (row ->> 'release')::int8, NULL, NULL
FROM side
WHERE tablename = 'cover_art_archive.cover_art'
  AND (
    op = 'd'
    OR (
      op = 'u'
      AND (row -> 'release' IS DISTINCT FROM other -> 'release' OR row -> 'ordering' IS DISTINCT FROM other -> 'ordering')
      AND EXISTS (
        SELECT FROM cover_art_archive.cover_art_type AS listed
        WHERE listed.id = (row ->> 'id')::int8 AND listed.type_id IN (SELECT id FROM wanted)
      )
    )
  )
UNION ALL
SELECT 'release', cover_art.release, NULL, NULL
FROM side JOIN cover_art_archive.cover_art ON cover_art.id = (row ->> 'id')::int8
WHERE tablename = 'cover_art_archive.cover_art_type' AND (row ->> 'type_id')::int IN (SELECT id FROM wanted)
