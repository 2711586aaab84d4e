/// Looks whether what rows refer to is there, and whether no key is there twice.
///
/// A row that refers to what is not there would be missing from the file without a word. MusicBrainz' own database has no
/// such rows, so one is an error, which names its place. Some are only left out, and counted: where the database's
/// answers leave them out as well and nobody misses anything.
///
/// What comes later than the rows that refer to it is looked for when it has been read: until then their keys are kept.
struct DumpReferences {
  /// Rows that were left out.
  private(set) var skipped = 0
  private var keys: [DumpTableName: KeySet] = [:]
  private var awaited: [Awaited] = []
  private var current: Table?

  fileprivate struct Table {
    var name: DumpTableName
    var keys = KeySet()
    /// Those to tables that have been read.
    var known: [(reference: DumpTableName.Reference, keys: KeySet)] = []
    /// Those to tables that have not.
    var awaited: [Awaited] = []
  }

  fileprivate struct Awaited {
    var table: DumpTableName
    var reference: DumpTableName.Reference
    /// By line; 0 for none. Keys are below 2^31.
    var keys: [UInt32] = []
  }

  /// Has to be called before the rows of a table.
  mutating func begin(_ name: DumpTableName) throws(DumpError) {
    var table = Table(name: name)
    for reference in name.references {
      if let keys = keys[reference.target] {
        table.known.append((reference, keys))
      } else if reference.isLeftOut {
        throw DumpError(
          .unsuitable,
          "\(name.table.archive): table \(name.rawValue) comes before \(reference.target.rawValue), which no export does"
        )
      } else {
        table.awaited.append(Awaited(table: name, reference: reference))
      }
    }
    current = table
  }

  /// - Returns: false for a row that is to be left out.
  mutating func admit(_ row: CopyRow) throws(DumpError) -> Bool {
    guard current != nil else { return true }
    // Not copied: the keys are large.
    return try current?.admit(row, &skipped) ?? true
  }

  /// Has to be called after the rows of a table.
  mutating func end() throws(DumpError) {
    guard var table = current else { return }
    current = nil
    guard table.keys.sort() else {
      throw DumpError(.contradictory, "\(table.name.table.archive), table \(table.name.rawValue): a key is there twice")
    }
    keys[table.name] = table.keys
    for waiting in awaited where waiting.reference.target == table.name { try waiting.check(table.keys) }
    awaited.removeAll { $0.reference.target == table.name }
    awaited += table.awaited
  }
}

extension DumpReferences.Table {
  fileprivate mutating func admit(_ row: CopyRow, _ skipped: inout Int) throws(DumpError) -> Bool {
    if name.hasLongKey {
      keys.insert(long: try row.long(0))
    } else if name.hasKey {
      let key = try row.key(0)
      guard keys.canHold(key) else { throw row.failure("has a key beyond all others") }
      guard keys.insert(key) else { throw row.failure("its key \(key) is there twice") }
    }
    for index in awaited.indices {
      awaited[index].keys.append(UInt32(try row.optionalKey(awaited[index].reference.column) ?? 0))
    }
    for (reference, keys) in known {
      if reference.target.hasLongKey {
        if keys.contains(long: try row.long(reference.column)) { continue }
        skipped += 1
        return false
      }
      guard let key = try row.optionalKey(reference.column), !keys.contains(key) else { continue }
      guard reference.isLeftOut else { throw row.failure(reference.missing(key)) }
      skipped += 1
      return false
    }
    return true
  }
}

extension DumpReferences.Awaited {
  fileprivate func check(_ known: KeySet) throws(DumpError) {
    guard let index = keys.firstIndex(where: { $0 != 0 && !known.contains(Int($0)) }) else { return }
    throw DumpError(
      .contradictory,
      "\(table.table.archive), table \(table.rawValue), line \(index + 1): \(reference.missing(Int(keys[index])))")
  }
}

extension DumpTableName {
  /// A column with keys of another table.
  struct Reference {
    var column: Int
    var target: DumpTableName
    /// Whether a row that refers to what is not there is left out; it is an error otherwise.
    var isLeftOut = false

    func missing(_ key: Int) -> String {
      "\(target.rawValue.split(separator: ".").joined(separator: " ").split(separator: "_").joined(separator: " ")) "
        + "\(key) is not there"
    }
  }

  /// Those of which something would be missing. ``DumpReading`` looks itself at areas and labels, and at pages.
  var references: [Reference] {
    switch self {
    case .artist: [Reference(column: 10, target: .artistType)]
    case .artistAlias: [Reference(column: 1, target: .artist), Reference(column: 6, target: .artistAliasType)]
    case .artistCreditName: [Reference(column: 0, target: .artistCredit), Reference(column: 2, target: .artist)]
    case .artistMeta: [Reference(column: 0, target: .artist)]
    case .artistTag: [Reference(column: 0, target: .artist), Reference(column: 1, target: .tag)]
    case .artistRedirect: [Reference(column: 1, target: .artist, isLeftOut: true)]
    case .artistURL: [Reference(column: 2, target: .artist, isLeftOut: true)]
    case .groupSeries:
      [
        Reference(column: 1, target: .link), Reference(column: 2, target: .group),
        Reference(column: 3, target: .series),
      ]
    case .link: [Reference(column: 1, target: .linkType)]
    case .linkText: [Reference(column: 0, target: .link, isLeftOut: true)]
    case .medium: [Reference(column: 1, target: .release), Reference(column: 3, target: .mediumFormat)]
    case .recordingRedirect: [Reference(column: 1, target: .recording, isLeftOut: true)]
    case .releaseCountry, .releaseUnknownCountry: [Reference(column: 0, target: .release)]
    case .releaseLabel: [Reference(column: 1, target: .release)]
    case .releaseRedirect: [Reference(column: 1, target: .release, isLeftOut: true)]
    case .release: [Reference(column: 4, target: .group), Reference(column: 5, target: .releaseStatus)]
    case .releaseMeta: [Reference(column: 0, target: .release)]
    case .group: [Reference(column: 3, target: .artistCredit), Reference(column: 4, target: .primaryType)]
    case .groupAlias: [Reference(column: 1, target: .group), Reference(column: 6, target: .groupAliasType)]
    case .groupMeta: [Reference(column: 0, target: .group)]
    case .groupTag: [Reference(column: 0, target: .group), Reference(column: 1, target: .tag)]
    case .groupRedirect: [Reference(column: 1, target: .group, isLeftOut: true)]
    case .secondaryTypeJoin: [Reference(column: 0, target: .group), Reference(column: 1, target: .secondaryType)]
    case .seriesRedirect: [Reference(column: 1, target: .series, isLeftOut: true)]
    case .track:
      [
        Reference(column: 2, target: .recording), Reference(column: 3, target: .medium),
        Reference(column: 7, target: .artistCredit),
      ]
    case .trackRedirect: [Reference(column: 1, target: .track, isLeftOut: true)]
    case .coverArt: [Reference(column: 1, target: .release, isLeftOut: true)]
    case .coverArtType:
      [Reference(column: 1, target: .artType), Reference(column: 0, target: .coverArt, isLeftOut: true)]
    case .groupCoverArt:
      [Reference(column: 0, target: .group, isLeftOut: true), Reference(column: 1, target: .release, isLeftOut: true)]
    default: []
    }
  }

  /// Whether the first column is the key of its row.
  var hasKey: Bool {
    switch self {
    case .artistCreditName, .artistTag, .groupTag, .artistRedirect, .groupRedirect, .releaseRedirect, .trackRedirect,
      .recordingRedirect, .seriesRedirect, .linkText, .releaseCountry, .releaseUnknownCountry, .secondaryTypeJoin,
      .coverArtType, .groupCoverArt:
      false
    default: true
    }
  }

  /// Whether keys have 64 bits, and are far apart. Rows that refer to them are left out where they are not there.
  var hasLongKey: Bool { self == .coverArt }
}

/// A set of keys, which have few gaps: a bit for each. Long keys have many, and are kept as they are.
struct KeySet {
  private var short = KeyedBits()
  private var long: [Int] = []

  func canHold(_ key: Int) -> Bool { key >= 0 && key < KeyedBits.mostKeys }

  func contains(_ key: Int) -> Bool { short.contains(key) }

  /// - Returns: false when it was there.
  mutating func insert(_ key: Int) -> Bool { short.insert(key) }

  mutating func insert(long key: Int) { long.append(key) }

  /// Has to be called before long keys are looked for.
  ///
  /// - Returns: false when one is there twice.
  mutating func sort() -> Bool {
    long.sort()
    return !zip(long, long.dropFirst()).contains { $0 == $1 }
  }

  func contains(long key: Int) -> Bool {
    var (low, high) = (0, long.count)
    while low < high {
      let middle = (low + high) / 2
      if long[middle] < key { low = middle + 1 } else { high = middle }
    }
    return low < long.count && long[low] == key
  }
}
