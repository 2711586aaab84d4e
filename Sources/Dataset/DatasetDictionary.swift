internal import Synchronization

/// Makes records of documents that are short because of what documents of their kind have in common, which is written
/// into the file once. For any thread.
///
/// A record is: u32 length of the frame, u32 length of the packed document that it holds, the frame (zstd). Of a large
/// document the packed form itself takes the place of the frame, and 0 that of its length.
public final class DatasetSqueezer: Sendable {
  /// What is written into the file.
  public let dictionary: [UInt8]
  private let library: ZstdLibrary
  private let prepared: Handle
  /// Those that no thread uses now.
  private let contexts = Mutex<[Handle]>([])

  /// One of libzstd's handles.
  // @unchecked: a context is used by the thread that took it; a dictionary is only read once it is there.
  private struct Handle: @unchecked Sendable {
    var pointer: ZstdLibrary.Handle
  }

  /// More is not worth its place: albums get three percent smaller with four times as much.
  private static let dictionaryLength = 32 << 10
  /// Higher levels take longer and save little of texts of a few KB.
  private static let level: Int32 = 1

  /// - Throws: without libzstd.
  public static func checkLibrary() throws(DatasetError) { _ = try ZstdLibrary() }

  /// - Parameter samples: packed documents, as they are squeezed.
  /// - Throws: without libzstd.
  public init(samples: [[UInt8]]) throws(DatasetError) {
    let library = try ZstdLibrary()
    self.library = library
    dictionary = DatasetSqueezer.train(samples, library)
    guard
      let prepared = dictionary.withUnsafeBytes({
        library.createCompressionDictionary($0.baseAddress, $0.count, DatasetSqueezer.level)
      })
    else { throw DatasetError(.unsuitable, "libzstd takes no dictionary") }
    self.prepared = Handle(pointer: prepared)
  }

  deinit {
    for context in contexts.withLock({ $0 }) { _ = library.freeCompression(context.pointer) }
    _ = library.freeCompressionDictionary(prepared.pointer)
  }

  /// Of too few samples nothing can be learned: then they are the dictionary themselves.
  private static func train(_ samples: [[UInt8]], _ library: ZstdLibrary) -> [UInt8] {
    let text = Array(samples.joined())
    let lengths = samples.map(\.count)
    let dictionary = [UInt8](unsafeUninitializedCapacity: dictionaryLength) { output, count in
      let length = text.withUnsafeBytes {
        library.train(output.baseAddress, output.count, $0.baseAddress, lengths, UInt32(lengths.count))
      }
      count = library.isError(length) == 0 ? length : 0
    }
    return dictionary.isEmpty ? Array(text.suffix(dictionaryLength)) : dictionary
  }

  /// The record of a packed document, whose texts are uncompressed.
  public func record(of packed: [UInt8]) -> [UInt8] {
    guard let context = contexts.withLock({ $0.popLast() }) ?? library.createCompression().map(Handle.init) else {
      return DatasetSqueezer.record(whole: packed)
    }
    defer { contexts.withLock { $0.append(context) } }
    let head = DatasetRecord.headLength
    let room = library.bound(packed.count)
    var isSqueezed = false
    let record = [UInt8](unsafeUninitializedCapacity: head + room) { output, count in
      let length = packed.withUnsafeBytes {
        library.compress(
          context.pointer, output.baseAddress.map { $0 + head }, room, $0.baseAddress, $0.count, prepared.pointer)
      }
      isSqueezed = library.isError(length) == 0
      guard isSqueezed else { return }
      DatasetRecord(stored: length, packed: packed.count).write(to: UnsafeMutableRawBufferPointer(output))
      count = head + length
    }
    return isSqueezed ? record : DatasetSqueezer.record(whole: packed)
  }

  /// The record of a large packed document, whose texts are compressed already.
  public static func record(whole packed: [UInt8]) -> [UInt8] {
    var record = [UInt8](repeating: 0, count: DatasetRecord.headLength)
    record.withUnsafeMutableBytes { DatasetRecord(stored: packed.count, packed: 0).write(to: $0) }
    return record + packed
  }
}

/// What a record of a kind with a dictionary begins with.
struct DatasetRecord {
  /// How many bytes follow.
  var stored: Int
  /// How long the packed document is that they hold; 0 when they are it.
  var packed: Int

  static let headLength = 8

  init(stored: Int, packed: Int) {
    self.stored = stored
    self.packed = packed
  }

  init(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
    let (stored, packed): (UInt32, UInt32) = (bytes.number(at: offset), bytes.number(at: offset + 4))
    self.init(stored: Int(stored), packed: Int(packed))
  }

  func write(to bytes: UnsafeMutableRawBufferPointer) {
    bytes.storeBytes(of: UInt32(truncatingIfNeeded: stored).littleEndian, as: UInt32.self)
    bytes.storeBytes(of: UInt32(truncatingIfNeeded: packed).littleEndian, toByteOffset: 4, as: UInt32.self)
  }
}

/// Reads what ``DatasetSqueezer`` wrote. One process reads of few kinds, so each is prepared when it is asked for.
final class DatasetDictionary {
  private let library: ZstdLibrary
  private let bytes: UnsafeRawBufferPointer
  private var context: ZstdLibrary.Handle?
  private var prepared: ZstdLibrary.Handle?

  /// Longer ones are not squeezed.
  private static let longestPacked = 1 << 20

  /// - Parameter bytes: of the file's section, which are there for as long as this is.
  init(_ bytes: UnsafeRawBufferPointer, _ library: ZstdLibrary) {
    self.bytes = bytes
    self.library = library
  }

  deinit {
    _ = library.freeDecompression(context)
    _ = library.freeDecompressionDictionary(prepared)
  }

  /// The packed document of a record.
  ///
  /// - Returns: nil for anything that no record holds. What is returned has to be compared with its own checksum.
  func packed(_ record: DatasetRecord, _ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
    guard record.packed > 0 else { return Array(bytes) }
    guard record.packed <= DatasetDictionary.longestPacked else { return nil }
    if context == nil { context = library.createDecompression() }
    if prepared == nil { prepared = library.createDecompressionDictionary(self.bytes.baseAddress, self.bytes.count) }
    guard let context, let prepared else { return nil }
    var isWhole = false
    let packed = [UInt8](unsafeUninitializedCapacity: record.packed) { output, count in
      let length = library.decompress(
        context, output.baseAddress, record.packed, bytes.baseAddress, bytes.count, prepared)
      isWhole = library.isError(length) == 0 && length == record.packed
      count = isWhole ? length : 0
    }
    return isWhole ? packed : nil
  }
}
