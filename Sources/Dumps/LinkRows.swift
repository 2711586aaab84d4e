internal import Core
internal import Dataset
internal import Metadata

/// What leads to artists and release groups by something other than their ids, until it is known where those are in the
/// file.
final class LinkRows {
  let releases: SortedScratch<ReleaseRow>
  let spotify: SortedScratch<PageRow>
  let pages: SortedScratch<PageRow>
  private let recordings: SortedScratch<RecordingRow>
  private var groups = KeyedArray<MBID>(nothing: DumpKeys.noID)
  /// Links of artists and release groups that are not there.
  private(set) var dropped = 0

  convenience init(in folder: ScratchFolder) throws(DumpError) {
    try self.init(
      releases: SortedScratch(in: folder), spotify: SortedScratch(in: folder), pages: SortedScratch(in: folder),
      in: folder)
  }

  /// Goes on with what was read before.
  init(
    releases: SortedScratch<ReleaseRow>, spotify: SortedScratch<PageRow>, pages: SortedScratch<PageRow>,
    in folder: ScratchFolder
  ) throws(DumpError) {
    self.releases = releases
    self.spotify = spotify
    self.pages = pages
    recordings = try SortedScratch(in: folder)
  }

  /// Sees to it that what was read is in files.
  func flush() throws(DumpError) {
    try releases.flush()
    try spotify.flush()
    try pages.flush()
  }

  func add(release id: MBID, of group: Int, tracks: UInt32) throws(DumpError) {
    try releases.add(ReleaseRow(key: LinkKey.release(id), group: UInt32(truncatingIfNeeded: group), tracks: tracks))
  }

  /// - Parameter entity: the artist; or the release group, of a release as well.
  func add(_ page: LinkedPage, _ link: PageLink, to entity: Int) throws(DumpError) {
    try pages.add(PageRow(key: page.key, link, to: entity))
    guard let key = link.kind == .artist ? page.spotifyArtist : page.spotifyAlbum else { return }
    try spotify.add(PageRow(key: key, link, to: entity))
  }

  func add(_ row: RecordingRow) throws(DumpError) { try recordings.add(row) }

  func add(group id: MBID, at key: Int) { _ = groups.set(id, at: key) }

  // MARK: - Writing

  private static let nowhere = UInt32.max

  /// The sections of the file, to be asked for once.
  func sections(
    artists: KeyedArray<MBID>, _ places: DatasetPlaces
  ) -> [(name: LinkSection, contents: DatasetWriter.SectionContents)] {
    let artists = artists.map(nothing: LinkRows.nowhere) { places.place(of: .artist($0)) ?? LinkRows.nowhere }
    let groups = groups.map(nothing: LinkRows.nowhere) {
      places.place(of: .album($0)).map { $0 | LinkSection.albumBit } ?? LinkRows.nowhere
    }
    self.groups.removeAll()
    let page = { (row: PageRow) in (row.kind == .artist ? artists : groups)[row.entity] }
    return [
      (.release, contents(of: releases, .release) { groups[Int($0.group)] }),
      (.spotify, contents(of: spotify, .spotify, page)),
      (.page, contents(of: pages, .page, page)),
      (.recording, contents(of: recordings, .recording) { groups[$0.group] }),
    ]
  }

  /// Goes through the rows once for each column.
  private func contents<Row: LinkRow>(
    of rows: SortedScratch<Row>, _ section: LinkSection, _ target: @escaping (Row) -> UInt32
  ) -> DatasetWriter.SectionContents {
    { [self] append throws(SourceError) in
      let count = try LinkRows.writing { () throws(DumpError) in
        try rows.sort { row in
          let isThere = target(row) != LinkRows.nowhere
          // A page of Spotify is a page as well.
          if !isThere, section == .page { dropped += 1 }
          return isThere
        }
      }
      let column = { (add: (Row, inout [UInt8]) -> Void) throws(SourceError) in
        try rows.forEach { rows throws(SourceError) in
          var bytes: [UInt8] = []
          for row in rows { add(row, &bytes) }
          try append(bytes)
        }
      }
      try column { row, bytes in
        if section == .recording {
          bytes.append(littleEndian: UInt32(truncatingIfNeeded: row.key >> 32))
        } else {
          bytes.append(littleEndian: row.key)
        }
      }
      try column { row, bytes in bytes.append(littleEndian: target(row)) }
      if let tracks = Row.extra { try column { row, bytes in bytes.append(littleEndian: tracks(row)) } }
      rows.discard()
      return count
    }
  }
}

extension LinkRows {
  /// What the writer of a section is told of scratch files.
  fileprivate static func writing<Answer>(_ work: () throws(DumpError) -> Answer) throws(SourceError) -> Answer {
    do throws(DumpError) {
      return try work()
    } catch {
      throw SourceError(.failed, error.description)
    }
  }
}

/// A row of a section.
protocol LinkRow: ScratchRow {
  /// What is told beside the target; nil where nothing is.
  static var extra: ((Self) -> UInt32)? { get }
}

extension LinkRow {
  static var extra: ((Self) -> UInt32)? { nil }
}

/// A release, by its id.
struct ReleaseRow: LinkRow {
  var key: UInt64
  var group: UInt32
  var tracks: UInt32

  static var extra: ((ReleaseRow) -> UInt32)? { { $0.tracks } }

  static func < (left: ReleaseRow, right: ReleaseRow) -> Bool {
    (left.key, left.group, left.tracks) < (right.key, right.group, right.tracks)
  }
}

/// A link, by what it leads to. There are ten millions of them, so all but the key is in one number: what is linked in
/// two bits, then the key of the link's row and that of the entity in 31 bits each. Its order is that of preference.
struct PageRow: LinkRow {
  var key: UInt64
  private var bits: UInt64

  private static let keyBits: UInt64 = 31
  private static let keyMask: UInt64 = 1 << keyBits - 1

  init(key: UInt64, _ link: PageLink, to entity: Int) {
    self.key = key
    bits =
      UInt64(link.kind.rawValue) << (2 * PageRow.keyBits) | (UInt64(link.row) & PageRow.keyMask) << PageRow.keyBits
      | UInt64(entity) & PageRow.keyMask
  }

  var kind: PageLink.Kind { PageLink.Kind(rawValue: UInt8(bits >> (2 * PageRow.keyBits))) ?? .release }
  var entity: Int { Int(bits & PageRow.keyMask) }

  static func < (left: PageRow, right: PageRow) -> Bool { (left.key, left.bits) < (right.key, right.bits) }
}

/// An album that lists a recording: 50 millions of them. The upper half is the key, the lower one the release group's.
struct RecordingRow: LinkRow, Sendable {
  private var bits: UInt64

  init(_ recording: MBID, group: Int) {
    bits = UInt64(LinkKey.recording(recording)) << 32 | UInt64(UInt32(truncatingIfNeeded: group))
  }

  var key: UInt64 { bits }
  var group: Int { Int(UInt32(truncatingIfNeeded: bits)) }

  static func < (left: RecordingRow, right: RecordingRow) -> Bool { left.bits < right.bits }

  /// Of all that an album lists, also under ids that were merged, each once.
  static func rows(of album: Album, _ group: Int) -> [RecordingRow] {
    var rows: [RecordingRow] = []
    for release in album.releases {
      for medium in release.media {
        for track in medium.tracks {
          for id in [track.recordingID] + track.mergedRecordingIDs { rows.append(RecordingRow(id, group: group)) }
        }
      }
    }
    rows.sort()
    return rows.enumerated().filter { $0.offset == 0 || rows[$0.offset - 1] != $0.element }.map(\.element)
  }
}

/// The keys of a web page.
struct LinkedPage {
  let key: UInt64
  /// Where it is a page of Spotify, whichever of both schemes its address begins with.
  private(set) var spotifyArtist: UInt64?
  private(set) var spotifyAlbum: UInt64?

  init(_ address: [UInt8]) {
    key = LinkKey.page(address)
    guard
      let path = address.rest(behind: "https://open.spotify.com/") ?? address.rest(behind: "http://open.spotify.com/")
    else { return }
    spotifyArtist = path.rest(behind: "artist/").flatMap { LinkedPage.key(.artist, $0) }
    spotifyAlbum = path.rest(behind: "album/").flatMap { LinkedPage.key(.album, $0) }
  }

  /// - Returns: nil for an id that nobody can ask for.
  private static func key(_ kind: EntityID.Kind, _ id: ArraySlice<UInt8>) -> UInt64? {
    SpotifyID(String(decoding: id, as: UTF8.self)).map { LinkKey.spotify(kind, $0) }
  }
}

extension RandomAccessCollection<UInt8> where SubSequence == ArraySlice<UInt8> {
  /// What stands behind this at the beginning; nil where it begins otherwise.
  fileprivate func rest(behind word: StaticString) -> ArraySlice<UInt8>? {
    let bytes = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
    return starts(with: bytes) ? dropFirst(bytes.count) : nil
  }
}
