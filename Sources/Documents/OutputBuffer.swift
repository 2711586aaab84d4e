internal import Core
internal import Glibc

/// The bytes of one answer, in memory that a process reuses for the next.
public final class OutputBuffer {
  public private(set) var count = 0
  private var memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  let inflater = Inflater()
  /// Few processes need one.
  private(set) lazy var compressor = GzipCompressor()

  /// How much memory is kept for the next answer. After a larger body the rest is given back, so that one big artist
  /// does not stay in every worker's memory.
  private static let keptCapacity = 320 << 10

  public init() { resize(to: 16 << 10) }

  deinit { free(memory.baseAddress) }

  public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

  /// Forgets what is in it.
  public func reset() {
    count = 0
    if memory.count > OutputBuffer.keptCapacity { resize(to: OutputBuffer.keptCapacity) }
  }

  public func append(_ bytes: UnsafeRawBufferPointer) {
    reserve(bytes.count)
    UnsafeMutableRawBufferPointer(rebasing: memory[count...]).copyMemory(from: bytes)
    count += bytes.count
  }

  public func append(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { append($0) }
  }

  public func append(_ text: StaticString) {
    append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  public func append(_ text: String) {
    var text = text
    text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
  }

  public func append(decimal value: Int) {
    ASCII.withDigits(of: value.magnitude, isNegative: value < 0) { append($0) }
  }

  public func append(hexadecimal value: UInt64) {
    ASCII.withDigits(of: UInt(value), radix: 16) { append($0) }
  }

  /// Appends `count` bytes that `fill` writes.
  func append<Result>(count added: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Result) -> Result {
    reserve(added)
    let result = fill(UnsafeMutableRawBufferPointer(rebasing: memory[count..<(count + added)]))
    count += added
    return result
  }

  func append(littleEndian value: UInt32) {
    withUnsafeBytes(of: value.littleEndian) { append($0) }
  }

  func truncate(to count: Int) { self.count = min(count, self.count) }

  /// Makes room for `added` more bytes. Called with the whole size first, it saves growing piece by piece.
  public func reserve(_ added: Int) {
    guard count + added > memory.count else { return }
    resize(to: max(count + added, min(memory.count * 2, 1 << 20)))
  }

  /// `realloc` grows and shrinks a large block by remapping its pages; the bytes are not copied.
  private func resize(to size: Int) {
    guard let start = realloc(memory.baseAddress, size) else {
      // As Swift's own allocations do: a process without memory has no answer to give, and the master starts another.
      fatalError("no memory for an answer of \(size) bytes")
    }
    memory = UnsafeMutableRawBufferPointer(start: start, count: size)
  }
}
