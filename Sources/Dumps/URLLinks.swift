/// Which artists and release groups are linked to web pages, until the pages' addresses come.
struct URLLinks {
  struct Link {
    var url: UInt32
    /// The key of the link's row: links are shown in the order in which they were entered.
    var row: Int
    var entity: Int
    var isArtist: Bool
  }

  private var links: [Link] = []
  private var isSorted = true

  mutating func add(row: Int, entity: Int, isArtist: Bool, url: Int) {
    links.append(Link(url: UInt32(truncatingIfNeeded: url), row: row, entity: entity, isArtist: isArtist))
    isSorted = false
  }

  /// Those to a page.
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
      return links[low...].prefix { Int($0.url) == url }
    }
  }
}
