internal import Cache
public import Core
public import Metadata

/// What leads to artists and albums by something other than their own ids, a section of a dataset file each.
///
/// A section has its keys in ascending order, then as many targets of 32 bits, then, where it has them, as many extras of
/// 32 bits, all little-endian. Keys are hashes and may repeat; entries with one key are in the order of preference. A
/// target is the place of an artist among the ids of `documents:artist`, or with ``albumBit`` that of an album among
/// those of `documents:album`.
public enum LinkSection: String, CaseIterable, Sendable {
  /// By ids of releases, also of merged ones; the extra is how many tracks the release has as MusicBrainz counts them.
  case release = "links:release"
  /// By ids of Spotify.
  case spotify = "links:spotify"
  /// By addresses of web pages.
  case page = "links:page"
  /// By ids of recordings, also of merged ones, to the albums that list them. Keys are short, so that some lead to albums
  /// that do not: only whoever looks into their documents knows.
  case recording = "links:recording"

  public static let albumBit: UInt32 = 1 << 31

  static let targetLength = 4

  var keyLength: Int { self == .recording ? 4 : 8 }
  var hasExtras: Bool { self == .release }
  var entryLength: Int { keyLength + LinkSection.targetLength * (hasExtras ? 2 : 1) }
}

/// The keys of ``LinkSection``. They are in files, so they stay as they are.
public enum LinkKey {
  public static func release(_ id: MBID) -> UInt64 { mixed(mixed(id.high) ^ id.low) }

  public static func recording(_ id: MBID) -> UInt32 { UInt32(truncatingIfNeeded: release(id) >> 32) }

  /// - Parameter address: of the page, as MusicBrainz spells it, in UTF-8.
  public static func page(_ address: some Sequence<UInt8>) -> UInt64 { mixed(FNV.hash(address)) }

  public static func spotify(_ kind: EntityID.Kind, _ id: SpotifyID) -> UInt64 {
    page("\(kind.rawValue)/\(id)".utf8)
  }

  /// Each bit of what it is given changes half of those that it gives (the finisher of SplitMix64): what is alike lies
  /// far apart, so that a key can be found by where it must be.
  private static func mixed(_ value: UInt64) -> UInt64 {
    var value = value &+ 0x9e37_79b9_7f4a_7c15
    value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
    return value ^ value >> 31
  }
}

/// Where artists and albums are among those of their kind, in the order of their ids.
public struct DatasetPlaces {
  private var entries: [String: [DatasetWriter.Entry]] = [:]

  mutating func keep(_ entries: [DatasetWriter.Entry], of kind: String) {
    if [CacheKey.Kind.artist.name, CacheKey.Kind.album.name].contains(kind) { self.entries[kind] = entries }
  }

  /// - Returns: nil for one that the file does not have.
  public func place(of entity: EntityID) -> UInt32? {
    let kind: CacheKey.Kind = entity.kind == .artist ? .artist : .album
    guard let entries = entries[kind.name] else { return nil }
    let id = entity.id
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      let found = entries[middle].id
      if (found.high, found.low) < (id.high, id.low) { low = middle + 1 } else { high = middle }
    }
    guard low < entries.count, entries[low].id == id else { return nil }
    return UInt32(exactly: low)
  }
}
