internal import Core

/// What rows tell of the elements of a list, in whatever order they come. Several rows that tell of the same element
/// usually follow each other, and the elements are often in order already.
struct RowList<Key: Comparable, Element> {
  private var keys: [Key] = []
  private var elements: [Element] = []
  private let merge: (inout Element, Element) -> Void

  /// - Parameter merge: adds to an element what another row tells of it.
  init(merge: @escaping (inout Element, Element) -> Void) { self.merge = merge }

  mutating func add(_ element: Element, _ key: Key) {
    guard key == keys.last else {
      keys.append(key)
      elements.append(element)
      return
    }
    merge(&elements[elements.count - 1], element)
  }

  var isEmpty: Bool { elements.isEmpty }

  func contains(where predicate: (Element) -> Bool) -> Bool { elements.contains(where: predicate) }

  /// Each element once, in the order of the keys.
  var inOrder: [Element] {
    if zip(keys, keys.dropFirst()).allSatisfy(<) { return elements }
    var sorted = RowList(merge: merge)
    for index in keys.indices.sorted(by: { keys[$0] < keys[$1] }) { sorted.add(elements[index], keys[index]) }
    return sorted.elements
  }
}

extension [MBID] {
  /// Adds those that are not there yet; the result is sorted.
  mutating func insertInOrder(_ ids: [MBID]) {
    append(contentsOf: ids.filter { !contains($0) })
    sort { ($0.high, $0.low) < ($1.high, $1.low) }
  }
}
