internal import Core

/// Writes what ``KeyOrder`` reads, from keys in order.
struct KeyOrderWriter {
  private var last: [UInt8] = []
  private var inBlock = 0
  private var offset = 0
  private var minimum = 0
  private(set) var heads: [UInt8] = []
  private var minima: [Int] = []

  /// - Parameter key: not before the one written last.
  mutating func append(_ key: UnsafeRawBufferPointer, _ number: Int, to bytes: inout [UInt8]) {
    let start = bytes.count
    var shared = 0
    if inBlock == KeyOrder.blockSize || offset == 0 {
      if offset > 0 { minima.append(minimum) }
      minimum = number
      heads.append(uint32: offset)
      inBlock = 0
    } else {
      minimum = min(minimum, number)
      let most = min(key.count, last.count, 15)
      while shared < most, key[shared] == last[shared] { shared += 1 }
    }
    let suffix = key[shared...]
    bytes.append(UInt8(shared << 4 | min(suffix.count, KeyOrder.longestShort)))
    if suffix.count >= KeyOrder.longestShort { bytes.append(number: suffix.count) }
    bytes.append(contentsOf: suffix)
    bytes.append(uint32: number)
    last.removeAll(keepingCapacity: true)
    last.append(contentsOf: key)
    inBlock += 1
    offset += bytes.count - start
  }

  /// How many bytes were written.
  var size: Int { offset }

  /// The least numbers of the blocks, of 16 of them, of 256 …
  mutating func finish() -> [UInt8] {
    if offset > 0 { minima.append(minimum) }
    var bytes: [UInt8] = []
    var level = minima
    while !level.isEmpty {
      for least in level { bytes.append(uint32: least) }
      if level.count == 1 { break }
      level = stride(from: 0, to: level.count, by: KeyOrder.fanOut).map { start in
        level[start..<min(start + KeyOrder.fanOut, level.count)].min() ?? 0
      }
    }
    return bytes
  }
}
