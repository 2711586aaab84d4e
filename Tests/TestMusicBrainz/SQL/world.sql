-- A small world of its own beside the other rows. The last digits of an id are its key; its MBID ends in the key.
--
--   artists        101 A, 102 B, 103 C (without albums), 104 D (merged into A before)
--   credits        111 A, 112 B, 113 A & B, 114 B & A, 115 A, spelled otherwise
--   albums         121 G by A, 122 H by A & B, 123 I by B, 124 J by A (without releases)
--   releases       131 and 132 of G, 133 of H, 134 of I, 135 of I with video tracks alone
--   media          141 to 145, one each; tracks 151 to 156; recordings 161 to 165
--   label 171, series 172 with G and H, country 176, urls 181 to 186, tags 191 (a genre) to 194
SET search_path = musicbrainz, public;
SET session_replication_role = replica;

CREATE FUNCTION public.world(key int) RETURNS uuid IMMUTABLE LANGUAGE sql
  AS $$ SELECT ('f0000000-0000-4000-8000-' || lpad(key::text, 12, '0'))::uuid $$;
CREATE FUNCTION public.key(key int) RETURNS int IMMUTABLE LANGUAGE sql AS $$ SELECT 91000000 + key $$;

INSERT INTO artist (id, gid, name, sort_name, type, comment)
SELECT key(k), world(k), name, name, 1, 'of the world'
FROM (VALUES (101, 'A'), (102, 'B'), (103, 'C')) AS v (k, name);
INSERT INTO artist_meta (id) SELECT key(k) FROM generate_series(101, 103) AS k;
INSERT INTO artist_gid_redirect (gid, new_id) VALUES (world(104), key(101));
INSERT INTO artist_credit (id, name, artist_count, gid)
SELECT key(k), name, count, world(k)
FROM (VALUES (111, 'A', 1), (112, 'B', 1), (113, 'A & B', 2), (114, 'B & A', 2), (115, 'Aa', 1)) AS v (k, name, count);
INSERT INTO artist_credit_name (artist_credit, position, artist, name, join_phrase)
SELECT key(k), position, key(artist), name, ''
FROM (
  VALUES (111, 0, 101, 'A'), (112, 0, 102, 'B'), (113, 0, 101, 'A'), (113, 1, 102, 'B'), (114, 0, 102, 'B'),
    (114, 1, 101, 'A'), (115, 0, 101, 'Aa')
) AS v (k, position, artist, name);
INSERT INTO artist_alias (id, artist, name, sort_name, type) VALUES (key(105), key(101), 'Alias of A', 'A', NULL);

INSERT INTO release_group (id, gid, name, artist_credit, type)
SELECT key(k), world(k), name, key(credit), 1
FROM (VALUES (121, 'G', 111), (122, 'H', 113), (123, 'I', 112), (124, 'J', 111)) AS v (k, name, credit);
INSERT INTO release_group_meta (id, release_count, first_release_date_year, first_release_date_month, first_release_date_day)
VALUES (key(121), 2, 2001, 2, 3), (key(122), 1, 2002, 1, 1), (key(123), 2, NULL, NULL, NULL), (key(124), 0, NULL, NULL, NULL);
INSERT INTO release_group_gid_redirect (gid, new_id) VALUES (world(125), key(121));
INSERT INTO release_group_secondary_type_join (release_group, secondary_type) VALUES (key(122), 1);

INSERT INTO release (id, gid, name, artist_credit, release_group, status)
SELECT key(k), world(k), name, key(credit), key(release_group), status
FROM (
  VALUES (131, 'G', 111, 121, 1), (132, 'G, deluxe', 111, 121, 1), (133, 'H', 113, 122, 1), (134, 'I', 112, 123, 1),
    (135, 'I, the videos', 112, 123, 2)
) AS v (k, name, credit, release_group, status);
INSERT INTO release_meta (id) SELECT key(k) FROM generate_series(131, 135) AS k;
INSERT INTO area (id, gid, name) VALUES (key(176), world(176), 'Country'), (key(177), world(177), 'City');
INSERT INTO country_area (area) VALUES (key(176));
INSERT INTO release_country (release, country, date_year, date_month, date_day) VALUES (key(131), key(176), 2001, 2, 3);
INSERT INTO release_unknown_country (release, date_year, date_month, date_day) VALUES (key(133), 2002, 1, 1);
INSERT INTO label (id, gid, name) VALUES (key(171), world(171), 'Label');
INSERT INTO release_label (id, release, label, catalog_number) VALUES (key(171), key(131), key(171), 'L 1');

INSERT INTO recording (id, gid, name, artist_credit, length, video)
SELECT key(k), world(k), 'Recording ' || k, key(111), 200000, k = 165 FROM generate_series(161, 165) AS k;
INSERT INTO medium (id, gid, release, position, format, name, track_count)
SELECT key(140 + n), world(140 + n), key(130 + n), 1, 1, '', 1 FROM generate_series(1, 5) AS n;
INSERT INTO track (id, gid, recording, medium, position, number, name, artist_credit, length)
SELECT key(k), world(k), key(recording), key(medium), position, position::text, 'Track ' || k, key(credit), length
FROM (
  VALUES (151, 161, 141, 1, 111, 201000), (152, 162, 141, 2, 111, NULL), (153, 161, 142, 1, 111, NULL),
    (154, 163, 143, 1, 113, 202000), (155, 164, 144, 1, 112, 203000), (156, 165, 145, 1, 112, 204000)
) AS v (k, recording, medium, position, credit, length);

INSERT INTO series (id, gid, name, type, ordering_type) VALUES (key(172), world(172), 'Series', 1, 1);
INSERT INTO series_gid_redirect (gid, new_id) VALUES (world(173), key(172));
INSERT INTO link (id, link_type)
SELECT key(174), id FROM link_type WHERE gid = '01018437-91d8-36b9-bf89-3f885d53b5bd';
INSERT INTO link (id, link_type)
SELECT key(k), (SELECT min(id) FROM link_type WHERE entity_type0 = entity AND entity_type1 = 'url')
FROM (VALUES (175, 'artist'), (178, 'release_group'), (179, 'release'), (180, 'artist')) AS v (k, entity);
INSERT INTO l_release_group_series (id, link, entity0, entity1, link_order, last_updated)
VALUES (key(1), key(174), key(121), key(172), 1, '2020-01-01'), (key(2), key(174), key(122), key(172), 2, '2020-01-01');

INSERT INTO url (id, gid, url)
SELECT key(k), world(k), url
FROM (
  VALUES (181, 'https://example.org/a'), (182, 'https://open.spotify.com/artist/spotifyArtist000000001A'),
    (183, 'https://open.spotify.com/album/spotifyAlbum0000000001G'),
    (184, 'https://open.spotify.com/album/spotifyAlbum0000000001R'), (185, 'https://example.org/unused'),
    (186, 'https://example.org/g')
) AS v (k, url);
INSERT INTO l_artist_url (id, link, entity0, entity1)
VALUES (key(1), key(175), key(101), key(181)), (key(2), key(175), key(101), key(182));
INSERT INTO l_release_group_url (id, link, entity0, entity1)
VALUES (key(1), key(178), key(121), key(183)), (key(2), key(178), key(121), key(186));
INSERT INTO l_release_url (id, link, entity0, entity1) VALUES (key(1), key(179), key(132), key(184));

INSERT INTO tag (id, name, ref_count)
SELECT key(k), name, 5 FROM (VALUES (191, 'worldly'), (192, 'no genre'), (193, 'otherworldly'), (194, 'spare')) AS v (k, name);
INSERT INTO genre (id, gid, name) VALUES (key(191), world(191), 'worldly'), (key(193), world(193), 'otherworldly');
INSERT INTO artist_tag (artist, tag, count)
VALUES (key(101), key(191), 9), (key(101), key(192), 3), (key(101), key(193), 2), (key(102), key(194), 2);
INSERT INTO release_group_tag (release_group, tag, count) VALUES (key(121), key(191), 1), (key(121), key(194), 2);

INSERT INTO cover_art_archive.cover_art (id, release, edit, ordering, mime_type, date_uploaded)
SELECT key(k), key(release), 1, ordering, 'image/jpeg', '2020-01-01'
FROM (VALUES (196, 131, 1), (197, 131, 2), (198, 133, 1)) AS v (k, release, ordering);
INSERT INTO cover_art_archive.cover_art_type (id, type_id)
SELECT key(k), id
FROM (VALUES (196, 'Front'), (197, 'Back'), (198, 'Front')) AS v (k, name)
JOIN cover_art_archive.art_type ON art_type.name = v.name;
UPDATE release_meta SET cover_art_presence = 'present' WHERE id IN (key(131), key(133));

-- As many references as there are, so that what is not used any more is noticed.
UPDATE artist_credit SET ref_count = (
  SELECT count(*) FROM (
    SELECT artist_credit FROM track UNION ALL SELECT artist_credit FROM recording
    UNION ALL SELECT artist_credit FROM release UNION ALL SELECT artist_credit FROM release_group
  ) AS used WHERE used.artist_credit = artist_credit.id
);
UPDATE artist_credit SET ref_count = 1 WHERE ref_count = 0;
UPDATE tag SET ref_count = (
  SELECT count(*) FROM (SELECT tag FROM artist_tag UNION ALL SELECT tag FROM release_group_tag) AS used
  WHERE used.tag = tag.id
);
UPDATE replication_control SET current_replication_sequence = 1000, last_replication_date = now();
