/// Which artists, release groups and releases are linked to web pages, until the pages' addresses come.
struct URLLinks {
  /// What is linked. Of what links to one page, artists come first, and release groups before releases.
  enum Kind: UInt8 {
    case artist, group, release
  }

  /// There are ten millions of them: keys are below 2^31, so 32 bits do.
  struct Link {
    var url: UInt32
    private var rowBits: UInt32
    private var entityBits: UInt32
    var kind: Kind

    init(url: Int, row: Int, entity: Int, _ kind: Kind) {
      self.url = UInt32(truncatingIfNeeded: url)
      rowBits = UInt32(truncatingIfNeeded: row)
      entityBits = UInt32(truncatingIfNeeded: entity)
      self.kind = kind
    }

    /// The key of the link's row: links are shown in the order in which they were entered.
    var row: Int { Int(rowBits) }
    var entity: Int { Int(entityBits) }
  }

  private var links: [Link] = []
  private var isSorted = true
  private var found = 0

  /// How many links there are to pages that nobody asked for: those of pages that are not there, at the end.
  var untaken: Int { links.count - found }

  mutating func add(row: Int, entity: Int, _ kind: Kind, url: Int) {
    links.append(Link(url: url, row: row, entity: entity, kind))
    isSorted = false
  }

  /// Those to a page, each of which is asked for once.
  subscript(url: Int) -> ArraySlice<Link> {
    mutating get {
      if !isSorted {
        links.sort { $0.url < $1.url }
        isSorted = true
      }
      var (low, high) = (0, links.count)
      while low < high {
        let middle = (low + high) / 2
        if Int(links[middle].url) < url { low = middle + 1 } else { high = middle }
      }
      let linked = links[low...].prefix { Int($0.url) == url }
      found += linked.count
      return linked
    }
  }
}
