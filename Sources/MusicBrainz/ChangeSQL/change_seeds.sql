-- What the recorded changes $1 concern: the kind (ChangeSeeds.Kind), and a key, an id or a name. A row's old and new
-- references both count. What the rest of the way leads through is looked up as it is now: if that has changed as well, it
-- has a change of its own. So what was deleted tells its own id, and the album of a track that was deleted with its medium
-- is told by the medium.
-- `shown` lists what documents show of each table. A row without one of these columns is of a newer schema, and then
-- nobody knows what changed.
WITH changed AS MATERIALIZED (
  SELECT
    change.tablename,
    row ->> 'op' AS op,
    coalesce(nullif(row -> 'old', 'null'), '{}') AS old,
    coalesce(nullif(row -> 'new', 'null'), '{}') AS new,
    change.id,
    place
  FROM linernotes.change CROSS JOIN LATERAL jsonb_array_elements(change.rows) WITH ORDINALITY AS entry (row, place)
  WHERE change.id = ANY ($1::int8[])
),
shown (tablename, columns) AS MATERIALIZED (
  VALUES
    ('area', ARRAY['id', 'name']),
    ('artist', ARRAY['id', 'gid', 'name', 'sort_name', 'comment', 'type', 'ended']),
    ('artist_alias', ARRAY['artist', 'name', 'sort_name', 'locale', 'type', 'primary_for_locale']),
    ('artist_gid_redirect', ARRAY['gid', 'new_id']),
    ('artist_meta', ARRAY['id', 'rating', 'rating_count']),
    ('artist_tag', ARRAY['artist', 'tag', 'count']),
    ('artist_type', ARRAY['id', 'name']),
    ('genre', ARRAY['name']),
    ('l_artist_url', ARRAY['id', 'entity0', 'entity1']),
    ('l_release_group_series', ARRAY['id', 'link', 'entity0', 'entity1', 'link_order']),
    ('l_release_group_url', ARRAY['id', 'entity0', 'entity1']),
    ('l_release_url', ARRAY['id', 'entity0', 'entity1']),
    ('label', ARRAY['id', 'name']),
    ('medium', ARRAY['id', 'release', 'position', 'name', 'format']),
    ('medium_format', ARRAY['id', 'name']),
    ('recording', ARRAY['id', 'length', 'video']),
    ('recording_gid_redirect', ARRAY['gid', 'new_id']),
    ('release', ARRAY['id', 'gid', 'name', 'comment', 'status', 'release_group']),
    ('release_country', ARRAY['release', 'country', 'date_year', 'date_month', 'date_day']),
    ('release_gid_redirect', ARRAY['gid', 'new_id']),
    ('release_group', ARRAY['id', 'gid', 'name', 'comment', 'type', 'artist_credit']),
    ('release_group_alias', ARRAY['release_group', 'name', 'type']),
    ('release_group_gid_redirect', ARRAY['gid', 'new_id']),
    (
      'release_group_meta',
      ARRAY['id', 'first_release_date_year', 'first_release_date_month', 'first_release_date_day', 'rating', 'rating_count']
    ),
    ('release_group_primary_type', ARRAY['id', 'name']),
    ('release_group_secondary_type', ARRAY['id', 'name']),
    ('release_group_secondary_type_join', ARRAY['release_group', 'secondary_type']),
    ('release_group_tag', ARRAY['release_group', 'tag', 'count']),
    ('release_label', ARRAY['release', 'label']),
    ('release_meta', ARRAY['id', 'cover_art_presence']),
    ('release_status', ARRAY['id', 'name']),
    ('release_unknown_country', ARRAY['release', 'date_year', 'date_month', 'date_day']),
    ('series', ARRAY['id', 'gid']),
    ('series_gid_redirect', ARRAY['gid', 'new_id']),
    ('tag', ARRAY['id', 'name']),
    (
      'track',
      ARRAY['id', 'gid', 'recording', 'medium', 'position', 'number', 'name', 'artist_credit', 'length', 'is_data_track']
    ),
    ('track_gid_redirect', ARRAY['gid', 'new_id']),
    ('url', ARRAY['id', 'url'])
),
relevant AS MATERIALIZED (
  SELECT changed.*
  FROM changed JOIN shown ON shown.tablename = changed.tablename
  WHERE op <> 'u' OR EXISTS (SELECT FROM unnest(columns) AS name WHERE old ->> name IS DISTINCT FROM new ->> name)
),
-- What was there before, and what is there now.
side AS MATERIALIZED (
  SELECT tablename, op, old AS row FROM relevant WHERE op <> 'i'
  UNION ALL
  SELECT tablename, op, new FROM relevant WHERE op <> 'd'
),
-- A rebuilt list of release events leaves a date that comes back: the first and the last row of each group count.
meta AS MATERIALIZED (
  SELECT new ->> 'id' AS id, (array_agg(old ORDER BY id, place))[1] AS old, (array_agg(new ORDER BY id DESC, place DESC))[1] AS new
  FROM relevant
  WHERE tablename = 'release_group_meta' AND op = 'u'
  GROUP BY new ->> 'id'
  UNION ALL
  SELECT coalesce(old ->> 'id', new ->> 'id'), old, new FROM relevant WHERE tablename = 'release_group_meta' AND op <> 'u'
),
-- Release groups and tracks with their first artists: a credit of another id may name the same one.
credited AS MATERIALIZED (
  SELECT
    relevant.tablename,
    relevant.op,
    relevant.old,
    relevant.new,
    relevant.old ->> 'artist_credit' IS NOT DISTINCT FROM relevant.new ->> 'artist_credit' AS is_same_credit,
    coalesce(
      (SELECT artist FROM artist_credit_name WHERE artist_credit = (old ->> 'artist_credit')::int AND position = 0),
      (SELECT artist FROM linernotes.credit WHERE artist_credit = (old ->> 'artist_credit')::int LIMIT 1)
    ) AS old_artist,
    coalesce(
      (SELECT artist FROM artist_credit_name WHERE artist_credit = (new ->> 'artist_credit')::int AND position = 0),
      (SELECT artist FROM linernotes.credit WHERE artist_credit = (new ->> 'artist_credit')::int LIMIT 1)
    ) AS new_artist
  FROM relevant
  WHERE tablename = 'release_group'
    OR (tablename = 'track' AND op = 'u' AND old ->> 'artist_credit' IS DISTINCT FROM new ->> 'artist_credit')
),
release_group_change AS MATERIALIZED (
  SELECT
    *,
    op <> 'u' OR old_artist IS DISTINCT FROM new_artist OR old_artist IS NULL AS is_moved,
    op = 'u' AND old ->> 'name' IS DISTINCT FROM new ->> 'name' AS is_renamed,
    op = 'u' AND old ->> 'type' IS DISTINCT FROM new ->> 'type' AS is_retyped,
    op = 'u' AND old ->> 'comment' IS DISTINCT FROM new ->> 'comment' AS is_commented
  FROM credited
  WHERE tablename = 'release_group'
),
track_change AS MATERIALIZED (
  SELECT
    op,
    old,
    new,
    op <> 'u'
      OR old ->> 'recording' IS DISTINCT FROM new ->> 'recording'
      OR old ->> 'medium' IS DISTINCT FROM new ->> 'medium'
      OR old ->> 'is_data_track' IS DISTINCT FROM new ->> 'is_data_track' AS is_placed,
    -- Data tracks are not listed, but their artists are named.
    new ->> 'is_data_track' = 'false'
      AND old - ARRAY['artist_credit'] IS DISTINCT FROM new - ARRAY['artist_credit'] AS is_listed_otherwise
  FROM relevant
  WHERE tablename = 'track'
),
gone_recording AS MATERIALIZED (
  SELECT (old ->> 'id')::int AS id, old ->> 'video' = 'true' AS is_video
  FROM relevant
  WHERE tablename = 'recording' AND op = 'd'
),
tagged AS MATERIALIZED (
  SELECT
    tablename,
    op,
    (row ->> CASE tablename WHEN 'artist_tag' THEN 'artist' ELSE 'release_group' END)::int AS entity,
    tag,
    old_count,
    new_count
  FROM (
    SELECT
      *,
      CASE op WHEN 'd' THEN old ELSE new END AS row,
      (CASE op WHEN 'd' THEN old ELSE new END ->> 'tag')::int AS tag,
      coalesce((old ->> 'count')::int, 0) AS old_count,
      coalesce((new ->> 'count')::int, 0) AS new_count
    FROM relevant
    WHERE tablename IN ('artist_tag', 'release_group_tag')
  ) AS counted
  -- A tag that is gone may have been a genre.
  LEFT JOIN LATERAL (
    SELECT
      tag.id,
      EXISTS (SELECT FROM genre WHERE lower(genre.name) = lower(tag.name) AND genre.name = tag.name) AS is_genre
    FROM tag
    WHERE tag.id = counted.tag
    OFFSET 0
  ) AS named ON true
  WHERE (old_count > 0 OR new_count > 0) AND (named.id IS NULL OR named.is_genre)
),
spotify AS MATERIALIZED (
  SELECT row ->> 'url' AS url FROM side WHERE tablename = 'url' AND op <> 'i'
  UNION ALL
  SELECT url.url
  FROM side JOIN url ON url.id = (row ->> 'entity1')::int
  WHERE tablename IN ('l_artist_url', 'l_release_group_url', 'l_release_url')
  UNION ALL
  SELECT url.url
  FROM relevant
  JOIN l_release_url ON l_release_url.entity0 = (new ->> 'id')::int
  JOIN url ON url.id = l_release_url.entity1
  WHERE tablename = 'release' AND op = 'u' AND old ->> 'release_group' IS DISTINCT FROM new ->> 'release_group'
)

SELECT 'everything' AS kind, NULL::int8 AS key, NULL::uuid AS gid, NULL::text AS name
FROM changed JOIN shown ON shown.tablename = changed.tablename
WHERE NOT CASE op WHEN 'd' THEN old ELSE new END ?& columns
UNION ALL
-- A kind of format or status has a new name. MusicBrainz has no index that leads to who has it, and most have.
SELECT 'everything', NULL, NULL, NULL
FROM relevant
WHERE op = 'u' AND tablename IN (
  'artist_type', 'medium_format', 'release_group_primary_type', 'release_group_secondary_type', 'release_status'
)

UNION ALL
SELECT 'artistID', NULL, (row ->> 'gid')::uuid, NULL FROM side WHERE tablename IN ('artist', 'artist_gid_redirect')
UNION ALL
SELECT 'discographyID', NULL, (row ->> 'gid')::uuid, NULL
FROM side
WHERE (tablename = 'artist' AND op <> 'u') OR tablename = 'artist_gid_redirect'
UNION ALL
SELECT 'artist', (row ->> 'new_id')::int8, NULL, NULL FROM side WHERE tablename = 'artist_gid_redirect'
UNION ALL
SELECT 'seriesOfArtist', (new ->> 'id')::int8, NULL, NULL
FROM relevant
WHERE tablename = 'artist' AND op = 'u' AND old ->> 'name' IS DISTINCT FROM new ->> 'name'
UNION ALL
SELECT 'artist', (row ->> 'id')::int8, NULL, NULL
FROM side
WHERE tablename = 'artist_meta' AND (op = 'u' OR row ->> 'rating_count' IS NOT NULL)
UNION ALL
SELECT 'artist', (row ->> 'artist')::int8, NULL, NULL
FROM side
WHERE tablename = 'artist_alias' AND (
  row ->> 'type' IS NULL
  OR (row ->> 'type')::int = (SELECT id FROM artist_alias_type WHERE gid = '894afba6-2816-3c24-8072-eadb66bd04bc')
)
UNION ALL
SELECT 'artist', (row ->> 'entity0')::int8, NULL, NULL
FROM side
WHERE tablename = 'l_artist_url' AND NOT EXISTS (
  SELECT FROM l_artist_url AS other
  WHERE other.entity0 = (row ->> 'entity0')::int AND other.entity1 = (row ->> 'entity1')::int
    AND other.id < (row ->> 'id')::int
)
UNION ALL
SELECT 'artist', entity, NULL, NULL
FROM tagged
WHERE tablename = 'artist_tag' AND (
  op <> 'u' OR old_count <= 0 OR new_count <= 0
  -- Genres are in the order of these counts.
  OR EXISTS (
    SELECT
    FROM artist_tag AS own
    JOIN artist_tag AS other ON other.artist = own.artist AND other.tag <> own.tag
    JOIN tag ON tag.id = other.tag
    JOIN genre ON lower(genre.name) = lower(tag.name) AND genre.name = tag.name
    WHERE own.artist = entity AND own.tag = tagged.tag
      AND (
        other.count BETWEEN least(old_count, new_count) AND greatest(old_count, new_count)
        OR other.last_updated >= own.last_updated
      )
  )
  OR NOT EXISTS (SELECT FROM artist_tag AS own WHERE own.artist = entity AND own.tag = tagged.tag)
)

UNION ALL
SELECT 'albumID', NULL, (row ->> 'gid')::uuid, NULL FROM side WHERE tablename = 'release_group_gid_redirect'
UNION ALL
SELECT 'albumID', NULL, coalesce(old ->> 'gid', new ->> 'gid')::uuid, NULL
FROM release_group_change
WHERE is_moved OR is_renamed OR is_retyped OR is_commented
UNION ALL
SELECT 'discographyOfArtist', old_artist, NULL, NULL
FROM release_group_change
WHERE op <> 'i' AND (is_moved OR is_renamed OR is_retyped)
UNION ALL
SELECT 'discographyOfArtist', new_artist, NULL, NULL
FROM release_group_change
WHERE op <> 'd' AND (is_moved OR is_renamed OR is_retyped)
UNION ALL
SELECT 'seriesOfGroup', (new ->> 'id')::int8, NULL, NULL
FROM release_group_change
WHERE op = 'u' AND (is_moved OR is_renamed)
UNION ALL
SELECT kind, (row ->> 'new_id')::int8, NULL, NULL
FROM side CROSS JOIN unnest(ARRAY['album', 'discography']) AS kind
WHERE tablename = 'release_group_gid_redirect'
UNION ALL
SELECT kind, id::int8, NULL, NULL
FROM meta CROSS JOIN unnest(ARRAY['album', 'discography', 'seriesOfGroup']) AS kind
WHERE old - ARRAY['id'] IS DISTINCT FROM new - ARRAY['id']
  AND (
    kind <> 'seriesOfGroup'
    OR old - ARRAY['id', 'rating', 'rating_count'] IS DISTINCT FROM new - ARRAY['id', 'rating', 'rating_count']
  )
  AND (
    (old <> '{}' AND new <> '{}')
    OR jsonb_strip_nulls((old || new) - ARRAY['id']) <> '{}'
  )
UNION ALL
SELECT 'album', (row ->> 'release_group')::int8, NULL, NULL
FROM side
WHERE tablename = 'release_group_alias' AND (
  row ->> 'type' IS NULL
  OR (row ->> 'type')::int
    = (SELECT id FROM release_group_alias_type WHERE gid = '156e24ca-8746-3cfc-99ae-0a867c765c67')
)
UNION ALL
SELECT kind, (row ->> 'release_group')::int8, NULL, NULL
FROM side CROSS JOIN unnest(ARRAY['album', 'discography']) AS kind
WHERE tablename = 'release_group_secondary_type_join'
UNION ALL
SELECT 'album', (row ->> 'entity0')::int8, NULL, NULL
FROM side
WHERE tablename = 'l_release_group_url' AND NOT EXISTS (
  SELECT FROM l_release_group_url AS other
  WHERE other.entity0 = (row ->> 'entity0')::int AND other.entity1 = (row ->> 'entity1')::int
    AND other.id < (row ->> 'id')::int
)
UNION ALL
SELECT 'album', entity, NULL, NULL
FROM tagged
WHERE tablename = 'release_group_tag' AND (
  op <> 'u' OR old_count <= 0 OR new_count <= 0
  OR EXISTS (
    SELECT
    FROM release_group_tag AS own
    JOIN release_group_tag AS other ON other.release_group = own.release_group AND other.tag <> own.tag
    JOIN tag ON tag.id = other.tag
    JOIN genre ON lower(genre.name) = lower(tag.name) AND genre.name = tag.name
    WHERE own.release_group = entity AND own.tag = tagged.tag
      AND (
        other.count BETWEEN least(old_count, new_count) AND greatest(old_count, new_count)
        OR other.last_updated >= own.last_updated
      )
  )
  OR NOT EXISTS (SELECT FROM release_group_tag AS own WHERE own.release_group = entity AND own.tag = tagged.tag)
)

UNION ALL
SELECT 'album', (row ->> 'release_group')::int8, NULL, NULL FROM side WHERE tablename = 'release'
UNION ALL
-- An artist's list shows which statuses the releases of an album have: not if another one has the same. Of those that
-- were all added, the first one counts.
SELECT 'discography', (row ->> 'release_group')::int8, NULL, NULL
FROM (
  SELECT old AS row, NULL::int AS before FROM relevant
  WHERE tablename = 'release' AND op <> 'i'
    AND (op = 'd' OR old -> 'status' <> new -> 'status' OR old -> 'release_group' <> new -> 'release_group')
  UNION ALL
  SELECT new, (new ->> 'id')::int FROM relevant
  WHERE tablename = 'release' AND op <> 'd'
    AND (op = 'i' OR old -> 'status' <> new -> 'status' OR old -> 'release_group' <> new -> 'release_group')
) AS held
WHERE NOT EXISTS (
  SELECT FROM release AS other
  WHERE other.release_group = (row ->> 'release_group')::int
    AND other.status IS NOT DISTINCT FROM (row ->> 'status')::int
    AND other.id <> (row ->> 'id')::int
    AND (before IS NULL OR other.id < before)
    AND (
      NOT EXISTS (SELECT FROM medium JOIN track ON track.medium = medium.id WHERE medium.release = other.id)
      OR EXISTS (
        SELECT
        FROM medium
        JOIN track ON track.medium = medium.id AND NOT track.is_data_track
        LEFT JOIN recording ON recording.id = track.recording
        WHERE medium.release = other.id AND recording.video IS NOT TRUE
      )
    )
)
UNION ALL
SELECT 'release', (row ->> 'new_id')::int8, NULL, NULL FROM side WHERE tablename = 'release_gid_redirect'
UNION ALL
SELECT 'release', (row ->> 'release')::int8, NULL, NULL
FROM side
WHERE tablename IN ('medium', 'release_country', 'release_unknown_country')
  OR (tablename = 'release_label' AND row ->> 'label' IS NOT NULL)
UNION ALL
SELECT 'release', coalesce(old ->> 'id', new ->> 'id')::int8, NULL, NULL
FROM relevant
WHERE tablename = 'release_meta'
  AND coalesce(old ->> 'cover_art_presence' = 'darkened', false)
    <> coalesce(new ->> 'cover_art_presence' = 'darkened', false)
UNION ALL
-- Releases whose tracks are all hidden do not count. Without their medium nobody can tell what tracks were.
SELECT 'discographyOfRelease', (side.row ->> 'release')::int8, NULL, NULL
FROM relevant CROSS JOIN LATERAL (VALUES (old), (new)) AS side (row)
WHERE tablename = 'medium' AND side.row <> '{}'
  AND (op = 'd' OR (op = 'u' AND old ->> 'release' IS DISTINCT FROM new ->> 'release'))

UNION ALL
SELECT 'medium', (side.row ->> 'medium')::int8, NULL, NULL
FROM track_change CROSS JOIN LATERAL (VALUES (old), (new)) AS side (row)
WHERE (is_placed OR is_listed_otherwise) AND side.row <> '{}'
UNION ALL
SELECT 'medium', (new ->> 'medium')::int8, NULL, NULL
FROM credited
WHERE tablename = 'track' AND (old_artist IS DISTINCT FROM new_artist OR old_artist IS NULL)
UNION ALL
SELECT 'listingOfMedium', (side.row ->> 'medium')::int8, NULL, NULL
FROM track_change CROSS JOIN LATERAL (VALUES (old), (new)) AS side (row)
WHERE is_placed AND side.row <> '{}'
UNION ALL
SELECT 'discographyOfMedium', (side.row ->> 'medium')::int8, NULL, NULL
FROM track_change
LEFT JOIN recording ON recording.id = (old ->> 'recording')::int
LEFT JOIN gone_recording ON gone_recording.id = (old ->> 'recording')::int
CROSS JOIN LATERAL (VALUES (old), (new)) AS side (row)
WHERE is_placed AND op <> 'i' AND side.row <> '{}'
  AND (old ->> 'is_data_track' = 'true' OR coalesce(recording.video, gone_recording.is_video, true))
UNION ALL
SELECT 'track', (row ->> 'new_id')::int8, NULL, NULL FROM side WHERE tablename = 'track_gid_redirect'
UNION ALL
SELECT 'recording', (row ->> 'new_id')::int8, NULL, NULL FROM side WHERE tablename = 'recording_gid_redirect'
UNION ALL
SELECT kind, (new ->> 'id')::int8, NULL, NULL
FROM relevant CROSS JOIN unnest(ARRAY['recording', 'discographyOfRecording']) AS kind
WHERE tablename = 'recording' AND op = 'u' AND old ->> 'video' IS DISTINCT FROM new ->> 'video'
UNION ALL
SELECT 'lengthOfRecording', (new ->> 'id')::int8, NULL, NULL
FROM relevant
WHERE tablename = 'recording' AND op = 'u' AND old ->> 'length' IS DISTINCT FROM new ->> 'length'

UNION ALL
SELECT 'series', (row ->> 'entity1')::int8, NULL, NULL FROM side WHERE tablename = 'l_release_group_series'
UNION ALL
SELECT 'seriesID', NULL, (row ->> 'gid')::uuid, NULL
FROM side
WHERE (tablename = 'series' AND op = 'd') OR tablename = 'series_gid_redirect'
UNION ALL
SELECT tablename, (new ->> 'id')::int8, NULL, NULL
FROM relevant
WHERE tablename IN ('area', 'label', 'tag', 'url') AND op = 'u'
UNION ALL
SELECT 'genre', NULL, NULL, row ->> 'name' FROM side WHERE tablename = 'genre'
UNION ALL
SELECT 'spotifyArtist', NULL, NULL, substring(url FROM '^https?://open\.spotify\.com/artist/(.+)$')
FROM spotify
WHERE url ~ '^https?://open\.spotify\.com/artist/.'
UNION ALL
SELECT 'spotifyAlbum', NULL, NULL, substring(url FROM '^https?://open\.spotify\.com/album/(.+)$')
FROM spotify
WHERE url ~ '^https?://open\.spotify\.com/album/.'
