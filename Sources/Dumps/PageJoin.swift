internal import Core

/// What is linked to a web page.
struct PageLink {
  /// Of what links to one page, artists come first, and release groups before releases.
  enum Kind: UInt8 {
    case artist, group, release
  }

  var kind: Kind
  /// The key of the link's row: links are shown in the order in which they were entered.
  var row: Int
  var entity: Int
}

/// Puts links and the addresses of the pages that they lead to together. There are ten millions of both, so they wait in
/// partitions.
final class PageJoin {
  private let rows: Partitions
  /// The pages that something links to.
  private var linked = KeyedBits()

  /// The kinds of links are those of ``PageLink``.
  private static let address: UInt8 = 255

  init(in folder: ScratchFolder) throws(DumpError) { rows = try Partitions(in: folder) }

  func add(link row: CopyRow, _ kind: PageLink.Kind) throws(DumpError) {
    let page = try row.key(3)
    linked.insert(page)
    try rows.add(kind.rawValue, key: page) { record throws(DumpError) in
      record.append(number: try row.key(0))
      record.append(number: try row.key(2))
    }
  }

  func add(page row: CopyRow) throws(DumpError) {
    let key = try row.key(0)
    guard linked.contains(key) else { return }
    try rows.add(PageJoin.address, key: key) { record throws(DumpError) in try row.appendText(2, to: &record) }
  }

  /// Passes on the pages that are there: key, address and links.
  ///
  /// - Returns: how many links lead to a page that is not there.
  func join(_ body: (Int, [UInt8], [PageLink]) throws(DumpError) -> Void) throws(DumpError) -> Int {
    linked = KeyedBits()
    var dangling = 0
    for part in try rows.parts() {
      try part.forEach { key, bytes, entries throws(DumpError) in
        var address: [UInt8]?
        var links: [PageLink] = []
        for entry in entries {
          guard let kind = PageLink.Kind(rawValue: entry.kind) else {
            address = Array(bytes[entry.contents])
            continue
          }
          var fields = RecordFields(bytes, at: entry.contents.lowerBound)
          links.append(PageLink(kind: kind, row: fields.number(), entity: fields.number()))
        }
        if let address { try body(key, address, links) } else { dangling += links.count }
      }
      part.discard()
    }
    return dangling
  }
}
