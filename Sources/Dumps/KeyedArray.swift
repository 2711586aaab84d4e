/// Values by the keys of a table, which are numbers from 1 on with few gaps.
struct KeyedArray<Value: Sendable>: Sendable {
  /// Pieces of the whole, so that it grows without being copied; empty where no key is.
  private var pieces: [[Value]] = []
  private let nothing: Value

  private static var pieceSize: Int { 1 << 18 }

  /// - Parameter nothing: what stands where no row is.
  init(nothing: Value) { self.nothing = nothing }

  subscript(key: Int) -> Value {
    let (piece, place) = (key / KeyedArray.pieceSize, key % KeyedArray.pieceSize)
    guard key >= 0, piece < pieces.count, !pieces[piece].isEmpty else { return nothing }
    return pieces[piece][place]
  }

  /// - Returns: false for a key that no table has.
  mutating func set(_ value: Value, at key: Int) -> Bool {
    guard key >= 0, key < KeyedBits.mostKeys else { return false }
    let (piece, place) = (key / KeyedArray.pieceSize, key % KeyedArray.pieceSize)
    while piece >= pieces.count { pieces.append([]) }
    if pieces[piece].isEmpty { pieces[piece] = Array(repeating: nothing, count: KeyedArray.pieceSize) }
    pieces[piece][place] = value
    return true
  }

  mutating func removeAll() { pieces = [] }

  /// All of it, from the key 0 on.
  var values: [Value] {
    var values: [Value] = []
    values.reserveCapacity(pieces.count * KeyedArray.pieceSize)
    for piece in pieces {
      values += piece.isEmpty ? Array(repeating: nothing, count: KeyedArray.pieceSize) : piece
    }
    return values
  }

  /// - Parameter values: from the key 0 on.
  init(_ values: [Value], nothing: Value) {
    self.nothing = nothing
    pieces = stride(from: 0, to: values.count, by: KeyedArray.pieceSize).map {
      let piece = values[$0..<min(values.count, $0 + KeyedArray.pieceSize)]
      return piece + Array(repeating: nothing, count: KeyedArray.pieceSize - piece.count)
    }
  }

  /// The same with what becomes of each value; what stood where no row is stays there.
  func map<Other>(nothing other: Other, _ transform: (Value) -> Other) -> KeyedArray<Other> {
    var mapped = KeyedArray<Other>(nothing: other)
    mapped.pieces = pieces.map { $0.map(transform) }
    return mapped
  }
}

/// Texts by the keys of a table, one behind the other.
struct KeyedTexts: Sendable {
  struct Place: Sendable, BitwiseCopyable {
    var start: UInt32 = 0
    var length: UInt32 = 0
  }

  private(set) var bytes: [UInt8] = []
  private(set) var places = KeyedArray(nothing: Place())

  init() {}

  /// - Parameter places: from the key 0 on.
  init(_ bytes: [UInt8], places: [Place]) {
    self.bytes = bytes
    self.places = KeyedArray(places, nothing: Place())
  }

  mutating func set(_ text: [UInt8], at key: Int) -> Bool {
    guard let start = UInt32(exactly: bytes.count), let length = UInt32(exactly: text.count) else { return false }
    bytes.append(contentsOf: text)
    return places.set(Place(start: start, length: length), at: key)
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

/// Several values for some of the keys of a table, found by the key, in any order.
struct KeyedLists<Value: Sendable & BitwiseCopyable>: Sendable {
  struct Pair: Sendable, BitwiseCopyable {
    var key: UInt32
    var value: Value
  }

  private(set) var pairs: [Pair] = []
  private var isSorted = true

  init() {}

  init(sorted pairs: [Pair]) { self.pairs = pairs }

  mutating func add(_ value: Value, at key: Int) {
    pairs.append(Pair(key: UInt32(truncatingIfNeeded: key), value: value))
    isSorted = false
  }

  /// Has to be called when all have been added.
  mutating func sort() {
    guard !isSorted else { return }
    pairs.sort { $0.key < $1.key }
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
}

/// Which keys of a table there are.
struct KeyedBits: Sendable {
  private var words = KeyedArray<UInt64>(nothing: 0)

  func contains(_ key: Int) -> Bool { words[key >> 6] & (1 << UInt64(key & 63)) != 0 }

  /// No table of MusicBrainz has reached a tenth of it.
  static let mostKeys = 1 << 29

  /// - Parameter key: as rows have them, below 2^31.
  /// - Returns: false when it was there.
  @discardableResult mutating func insert(_ key: Int) -> Bool {
    guard !contains(key) else { return false }
    return words.set(words[key >> 6] | 1 << UInt64(key & 63), at: key >> 6)
  }
}
