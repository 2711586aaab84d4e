/// Values by the keys of a table, which are numbers from 1 on with few gaps.
struct KeyedArray<Value: Sendable>: Sendable {
  /// Pieces of the whole, so that it grows without being copied; empty where no key is.
  private var pieces: [[Value]] = []
  private let nothing: Value

  private static var pieceSize: Int { 1 << 18 }
  /// No table of MusicBrainz has reached a tenth of it.
  private static var mostKeys: Int { 1 << 29 }

  /// - Parameter nothing: what stands where no row is.
  init(nothing: Value) { self.nothing = nothing }

  subscript(key: Int) -> Value {
    let (piece, place) = (key / KeyedArray.pieceSize, key % KeyedArray.pieceSize)
    guard key >= 0, piece < pieces.count, !pieces[piece].isEmpty else { return nothing }
    return pieces[piece][place]
  }

  /// - Returns: false for a key that no table has.
  mutating func set(_ value: Value, at key: Int) -> Bool {
    guard key >= 0, key < KeyedArray.mostKeys else { return false }
    let (piece, place) = (key / KeyedArray.pieceSize, key % KeyedArray.pieceSize)
    while piece >= pieces.count { pieces.append([]) }
    if pieces[piece].isEmpty { pieces[piece] = Array(repeating: nothing, count: KeyedArray.pieceSize) }
    pieces[piece][place] = value
    return true
  }

  mutating func removeAll() { pieces = [] }

  /// The same with what becomes of each value; what stood where no row is stays there.
  func map<Other>(nothing other: Other, _ transform: (Value) -> Other) -> KeyedArray<Other> {
    var mapped = KeyedArray<Other>(nothing: other)
    mapped.pieces = pieces.map { $0.map(transform) }
    return mapped
  }
}

/// Texts by the keys of a table, one behind the other.
struct KeyedTexts: Sendable {
  private var bytes: [UInt8] = []
  private var places = KeyedArray<(start: UInt32, length: UInt32)>(nothing: (0, 0))

  mutating func set(_ text: [UInt8], at key: Int) -> Bool {
    guard let start = UInt32(exactly: bytes.count), let length = UInt32(exactly: text.count) else { return false }
    bytes.append(contentsOf: text)
    return places.set((start, length), at: key)
  }

  subscript(key: Int) -> ArraySlice<UInt8> {
    let place = places[key]
    return bytes[Int(place.start)..<Int(place.start) + Int(place.length)]
  }

  mutating func removeAll() {
    bytes = []
    places.removeAll()
  }
}

/// Several values for some of the keys of a table, found by the key.
struct KeyedLists<Value: Sendable>: Sendable {
  private var pairs: [(key: UInt32, value: Value)] = []
  private var isSorted = true

  mutating func add(_ value: Value, at key: Int) {
    pairs.append((UInt32(truncatingIfNeeded: key), value))
    isSorted = false
  }

  /// Has to be called when all have been added.
  mutating func sort() {
    guard !isSorted else { return }
    // Values with one key stay in their order.
    pairs = pairs.enumerated().sorted { ($0.element.key, $0.offset) < ($1.element.key, $1.offset) }.map(\.element)
    isSorted = true
  }

  subscript(key: Int) -> [Value] {
    var (low, high) = (0, pairs.count)
    while low < high {
      let middle = (low + high) / 2
      if Int(pairs[middle].key) < key { low = middle + 1 } else { high = middle }
    }
    guard low < pairs.count, Int(pairs[low].key) == key else { return [] }
    return pairs[low...].prefix { Int($0.key) == key }.map(\.value)
  }

  var count: Int { pairs.count }

  func forEach(_ body: (Int, Value) -> Void) {
    for pair in pairs { body(Int(pair.key), pair.value) }
  }
}
