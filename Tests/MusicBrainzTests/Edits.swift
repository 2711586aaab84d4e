import Metadata

/// Edits one after another, as MusicBrainz' code makes them. `key(n)` is the database key of what the world calls n.
let edits: [Edit] = [
  Edit(
    "open a pending edit on an artist", "UPDATE artist SET edits_pending = edits_pending + 1 WHERE id = key(101)",
    .nothing, timed: .of(artists: [101], series: [172, 173])),
  Edit(
    "rename an artist", "UPDATE artist SET name = 'Renamed' WHERE id = key(101)",
    .of(artists: [101], series: [172, 173])),
  Edit(
    "end an artist", "UPDATE artist SET ended = true WHERE id = key(103)", .of(artists: [103])),
  Edit(
    "change when an artist was born", "UPDATE artist SET begin_date_year = 1970 WHERE id = key(103)", .nothing,
    timed: .of(artists: [103])),
  Edit(
    "update a release with what it has", "UPDATE release SET name = name WHERE id = key(131)", .nothing,
    timed: .of(discographies: [101], albums: [121])),
  Edit(
    "change a barcode", "UPDATE release SET barcode = '4006381333931' WHERE id = key(131)", .nothing,
    timed: .of(discographies: [101], albums: [121])),
  Edit(
    "vote for a genre without a change of their order",
    "UPDATE artist_tag SET count = 3 WHERE artist = key(101) AND tag = key(193)", .nothing,
    timed: .of(artists: [101])),
  Edit(
    "vote for a genre until it overtakes another",
    "UPDATE artist_tag SET count = 10 WHERE artist = key(101) AND tag = key(193)", .of(artists: [101])),
  Edit(
    "vote for a tag that is no genre", "UPDATE artist_tag SET count = 20 WHERE artist = key(101) AND tag = key(192)",
    .nothing, timed: .of(artists: [101])),
  Edit(
    "withdraw the only vote for a genre",
    """
    UPDATE artist_tag SET count = 0 WHERE artist = key(101) AND tag = key(193);
    DELETE FROM artist_tag WHERE artist = key(101) AND tag = key(193)
    """, .of(artists: [101]), timed: .nothing),
  Edit(
    "vote for a genre of an album for the first time",
    "INSERT INTO release_group_tag (release_group, tag, count) VALUES (key(122), key(191), 1)", .of(albums: [122])),
  Edit(
    "rate an artist", "UPDATE artist_meta SET rating = 80, rating_count = 1 WHERE id = key(101)", .of(artists: [101]),
    timed: .nothing),
  Edit(
    "rate an album", "UPDATE release_group_meta SET rating = 80, rating_count = 1 WHERE id = key(121)",
    .of(discographies: [101], albums: [121]), timed: .nothing),
  Edit(
    "add an alias",
    "INSERT INTO artist_alias (id, artist, name, sort_name) VALUES (key(106), key(101), 'Another', 'Another')",
    .of(artists: [101])),
  Edit(
    "add an alias that is for searches alone",
    """
    INSERT INTO artist_alias (id, artist, name, sort_name, type)
    SELECT key(107), key(101), 'Hint', 'Hint', id FROM artist_alias_type WHERE name = 'Search hint'
    """, .nothing, timed: .of(artists: [101])),
  Edit(
    "delete an alias", "DELETE FROM artist_alias WHERE id = key(106)", .of(artists: [101]), timed: .nothing),
  Edit(
    "add an alias of an album",
    "INSERT INTO release_group_alias (id, release_group, name, sort_name) VALUES (key(106), key(121), 'Gee', 'Gee')",
    .of(albums: [121])),
  Edit(
    "link an artist to a page that is there",
    "INSERT INTO l_artist_url (id, link, entity0, entity1) VALUES (key(3), key(175), key(101), key(185))",
    .of(artists: [101])),
  Edit(
    "link an artist to a page once more, for another reason",
    "INSERT INTO l_artist_url (id, link, entity0, entity1) VALUES (key(4), key(180), key(101), key(185))",
    .nothing, timed: .of(artists: [101])),
  Edit(
    "remove the only link to a page",
    "DELETE FROM l_artist_url WHERE id = key(1); DELETE FROM url WHERE id = key(181)", .of(artists: [101]),
    timed: .nothing),
  Edit(
    "change the address of a page", "UPDATE url SET url = 'https://example.org/g2' WHERE id = key(186)",
    .of(albums: [121])),
  Edit(
    "change an address at Spotify",
    "UPDATE url SET url = 'https://open.spotify.com/artist/spotifyArtist000000002A' WHERE id = key(182)",
    .of(artists: [101], spotifyArtists: ["spotifyArtist000000001A", "spotifyArtist000000002A"]),
    timed: .of(artists: [101], spotifyArtists: ["spotifyArtist000000002A"])),
  Edit(
    "replace a release event",
    """
    DELETE FROM release_country WHERE release = key(131);
    INSERT INTO release_country (release, country, date_year, date_month, date_day)
    VALUES (key(131), key(176), 2005, 1, 1)
    """, .of(discographies: [101], albums: [121], series: [172, 173]), timed: .nothing),
  Edit(
    "add a release event elsewhere on the same date",
    """
    DELETE FROM release_country WHERE release = key(131);
    INSERT INTO release_country (release, country, date_year, date_month, date_day)
    SELECT key(131), area, 2005, 1, 1 FROM (SELECT key(176) AS area UNION SELECT min(area) FROM country_area) AS areas
    """, .of(albums: [121]), timed: .nothing),
  Edit(
    "cancel a release", "UPDATE release SET status = 6 WHERE id = key(131)",
    .of(discographies: [101], albums: [121], series: [172, 173]), timed: .of(discographies: [101], albums: [121])),
  Edit(
    "take a release's cancellation back", "UPDATE release SET status = 1 WHERE id = key(131)",
    .of(discographies: [101], albums: [121], series: [172, 173]), timed: .of(discographies: [101], albums: [121])),
  Edit(
    "add a release of a status that the album has",
    """
    INSERT INTO release (id, gid, name, artist_credit, release_group, status)
    VALUES (key(136), world(136), 'G', key(111), key(121), 1);
    """, .of(albums: [121]), timed: .of(discographies: [101], albums: [121])),
  Edit(
    "add a release of another status",
    """
    INSERT INTO release (id, gid, name, artist_credit, release_group, status)
    VALUES (key(137), world(137), 'G', key(111), key(121), 3);
    """, .of(discographies: [101], albums: [121])),
  Edit("rename a label", "UPDATE label SET name = 'Labelled' WHERE id = key(171)", .of(albums: [121])),
  Edit(
    "change a catalogue number", "UPDATE release_label SET catalog_number = 'L 2' WHERE id = key(171)", .nothing,
    timed: .of(albums: [121])),
  Edit(
    "remove a label", "DELETE FROM release_label WHERE id = key(171)", .of(albums: [121]), timed: .nothing),
  Edit("rename a country", "UPDATE area SET name = 'Land' WHERE id = key(176)", .of(albums: [121])),
  Edit("rename a city", "UPDATE area SET name = 'Town' WHERE id = key(177)", .nothing),
  Edit(
    "set a secondary type",
    "INSERT INTO release_group_secondary_type_join (release_group, secondary_type) VALUES (key(121), 1)",
    .of(discographies: [101], albums: [121])),
  Edit(
    "remove a secondary type", "DELETE FROM release_group_secondary_type_join WHERE release_group = key(121)",
    .of(discographies: [101], albums: [121]), timed: .nothing),
  Edit(
    "rename a secondary type", "UPDATE release_group_secondary_type SET name = name || '!' WHERE id = 1", .nothing,
    isEverything: true),
  Edit(
    "rename a format", "UPDATE medium_format SET name = name || '!' WHERE id = 1", .nothing, isEverything: true),
  Edit(
    "add a track",
    """
    INSERT INTO track (id, gid, recording, medium, position, number, name, artist_credit)
    VALUES (key(157), world(157), key(161), key(142), 2, '2', 'Two', key(111))
    """, .of(albums: [121])),
  Edit("change the length of a track", "UPDATE track SET length = 99000 WHERE id = key(151)", .of(albums: [121])),
  Edit(
    "delete a track", "DELETE FROM track WHERE id = key(157)", .of(albums: [121])),
  Edit(
    "rename a recording", "UPDATE recording SET name = 'Called otherwise' WHERE id = key(163)", .nothing,
    timed: .of(albums: [122])),
  Edit(
    "change the length of a recording whose track has one", "UPDATE recording SET length = 1 WHERE id = key(163)",
    .nothing, timed: .of(albums: [122])),
  Edit(
    "change the length of a recording whose track has none", "UPDATE recording SET length = 1 WHERE id = key(162)",
    .of(albums: [121])),
  Edit(
    "say that a recording is a video", "UPDATE recording SET video = true WHERE id = key(163)",
    .of(discographies: [101], albums: [122])),
  Edit(
    "merge recordings",
    """
    UPDATE track SET recording = key(161) WHERE recording = key(162);
    INSERT INTO recording_gid_redirect (gid, new_id) VALUES (world(162), key(161));
    DELETE FROM recording WHERE id = key(162)
    """, .of(albums: [121])),
  Edit("rename a medium", "UPDATE medium SET name = 'Disc' WHERE id = key(141)", .of(albums: [121])),
  Edit(
    "move a release to another album", "UPDATE release SET release_group = key(124) WHERE id = key(132)",
    .of(discographies: [101], albums: [121, 124], spotifyAlbums: ["spotifyAlbum0000000001R"]),
    timed: .of(discographies: [101], albums: [124], spotifyAlbums: ["spotifyAlbum0000000001R"])),
  Edit(
    "move a release back", "UPDATE release SET release_group = key(121) WHERE id = key(132)",
    .of(discographies: [101], albums: [121, 124], spotifyAlbums: ["spotifyAlbum0000000001R"]),
    timed: .of(discographies: [101], albums: [121], spotifyAlbums: ["spotifyAlbum0000000001R"])),
  Edit(
    "remove the link of a release to Spotify", "DELETE FROM l_release_url WHERE id = key(1)",
    .of(spotifyAlbums: ["spotifyAlbum0000000001R"]), timed: .nothing),
  Edit(
    "spell the credit of a track otherwise", "UPDATE track SET artist_credit = key(115) WHERE id = key(151)", .nothing,
    timed: .of(albums: [121])),
  Edit(
    "credit a track to somebody else", "UPDATE track SET artist_credit = key(114) WHERE id = key(151)",
    .of(albums: [121])),
  Edit(
    "spell the credit of an album otherwise", "UPDATE release_group SET artist_credit = key(115) WHERE id = key(121)",
    .nothing, timed: .of(discographies: [101], albums: [121], series: [172, 173])),
  Edit(
    "credit an album to somebody else", "UPDATE release_group SET artist_credit = key(112) WHERE id = key(121)",
    .of(discographies: [101, 102], albums: [121], series: [172, 173]),
    timed: .of(discographies: [102], albums: [121], series: [172, 173])),
  Edit(
    "credit an album to its artist again", "UPDATE release_group SET artist_credit = key(111) WHERE id = key(121)",
    .of(discographies: [101, 102], albums: [121], series: [172, 173]),
    timed: .of(discographies: [101], albums: [121], series: [172, 173])),
  Edit(
    "comment on an album", "UPDATE release_group SET comment = 'the first' WHERE id = key(121)", .of(albums: [121]),
    timed: .of(discographies: [101], albums: [121], series: [172, 173])),
  Edit(
    "rename an album", "UPDATE release_group SET name = 'Gee' WHERE id = key(121)",
    .of(discographies: [101], albums: [121], series: [172, 173])),
  Edit(
    "reorder a series", "UPDATE l_release_group_series SET link_order = 5 WHERE id = key(1)", .of(series: [172, 173]),
    timed: .nothing),
  Edit(
    "remove an album from a series", "DELETE FROM l_release_group_series WHERE id = key(2)", .of(series: [172, 173]),
    timed: .nothing),
  Edit("rename a series", "UPDATE series SET name = 'Serial' WHERE id = key(172)", .nothing),
  Edit(
    "add a front cover",
    """
    INSERT INTO cover_art_archive.cover_art (id, release, edit, ordering, mime_type)
    VALUES (key(199), key(132), 1, 1, 'image/jpeg');
    INSERT INTO cover_art_archive.cover_art_type (id, type_id) VALUES (key(199), 1)
    """, .of(albums: [121])),
  Edit(
    "add a back cover",
    """
    INSERT INTO cover_art_archive.cover_art (id, release, edit, ordering, mime_type)
    VALUES (key(200), key(132), 1, 2, 'image/jpeg');
    INSERT INTO cover_art_archive.cover_art_type (id, type_id) VALUES (key(200), 2)
    """, .nothing, timed: .of(albums: [121])),
  Edit(
    "choose a cover for an album",
    "INSERT INTO cover_art_archive.release_group_cover_art (release_group, release) VALUES (key(121), key(132))",
    .of(albums: [121]), timed: .nothing),
  Edit(
    "say that a cover is no front", "DELETE FROM cover_art_archive.cover_art_type WHERE id = key(199)",
    .of(albums: [121]), timed: .nothing),
  Edit(
    "delete a cover", "DELETE FROM cover_art_archive.cover_art WHERE id = key(196)", .of(albums: [121]),
    timed: .nothing),
  Edit(
    "darken a release", "UPDATE release_meta SET cover_art_presence = 'darkened' WHERE id = key(133)",
    .of(albums: [122]), timed: .nothing),
  Edit(
    "make a tag a genre", "INSERT INTO genre (id, gid, name) VALUES (key(194), world(194), 'spare')",
    .of(artists: [102], albums: [121])),
  Edit(
    "merge albums",
    """
    UPDATE release SET release_group = key(121) WHERE release_group = key(122);
    UPDATE release_group_gid_redirect SET new_id = key(121) WHERE new_id = key(122);
    INSERT INTO release_group_gid_redirect (gid, new_id) VALUES (world(122), key(121));
    DELETE FROM release_group_secondary_type_join WHERE release_group = key(122);
    DELETE FROM release_group_tag WHERE release_group = key(122);
    DELETE FROM release_group_meta WHERE id = key(122);
    DELETE FROM release_group WHERE id = key(122);
    SELECT editor.tidy()
    """, .of(discographies: [101], albums: [121, 122]), timed: .of(discographies: [101], albums: [121, 122])),
  Edit(
    "merge artists",
    """
    UPDATE release_group SET artist_credit = key(111) WHERE artist_credit = key(112);
    UPDATE release SET artist_credit = key(111) WHERE artist_credit = key(112);
    UPDATE track SET artist_credit = key(111) WHERE artist_credit IN (key(112), key(114));
    DELETE FROM artist_credit_name WHERE artist_credit IN (key(112), key(113), key(114));
    DELETE FROM artist_credit WHERE id IN (key(112), key(113), key(114));
    DELETE FROM artist_tag WHERE artist = key(102);
    DELETE FROM artist_meta WHERE id = key(102);
    UPDATE artist_gid_redirect SET new_id = key(101) WHERE new_id = key(102);
    INSERT INTO artist_gid_redirect (gid, new_id) VALUES (world(102), key(101));
    DELETE FROM artist WHERE id = key(102)
    """, .of(artists: [101, 102], discographies: [101, 102], albums: [121, 123]),
    timed: .of(artists: [101, 102], discographies: [101, 102], albums: [121, 123])),
  Edit(
    "delete a release and with it its album",
    """
    DELETE FROM track WHERE medium IN (key(144), key(145));
    DELETE FROM medium WHERE id IN (key(144), key(145));
    DELETE FROM release_meta WHERE id IN (key(134), key(135));
    DELETE FROM release WHERE id IN (key(134), key(135));
    DELETE FROM release_group_meta WHERE id = key(123);
    DELETE FROM release_group WHERE id = key(123);
    SELECT editor.tidy()
    """, .of(discographies: [101], albums: [123]), timed: .nothing),
  Edit(
    "add an artist with an album",
    """
    INSERT INTO artist (id, gid, name, sort_name) VALUES (key(108), world(108), 'New', 'New');
    INSERT INTO artist_credit (id, name, artist_count, gid) VALUES (key(118), 'New', 1, world(118));
    INSERT INTO artist_credit_name (artist_credit, position, artist, name) VALUES (key(118), 0, key(108), 'New');
    INSERT INTO release_group (id, gid, name, artist_credit) VALUES (key(128), world(128), 'New', key(118));
    """, .of(artists: [108], discographies: [108], albums: [128])),
  Edit(
    "delete an artist",
    """
    DELETE FROM artist_alias WHERE artist = key(103);
    DELETE FROM artist_meta WHERE id = key(103);
    DELETE FROM artist WHERE id = key(103)
    """, .of(artists: [103], discographies: [103]), timed: .nothing),
]
