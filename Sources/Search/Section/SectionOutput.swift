internal import Core
@preconcurrency internal import Glibc

/// The parts of a section, on their way to where they are written.
struct SectionOutput {
  private let write: ([UInt8]) throws(SourceError) -> Void
  private(set) var size = 0
  private(set) var parts: [(offset: Int, count: Int)] = []

  init(_ write: @escaping ([UInt8]) throws(SourceError) -> Void) { self.write = write }

  mutating func append(_ bytes: [UInt8]) throws(SourceError) {
    try write(bytes)
    size += bytes.count
  }

  /// Notes where what is written next belongs.
  mutating func begin(_ part: NameList.Part, of kind: EntityID.Kind) {
    let index = (kind == .artist ? 0 : 1) * NameList.Part.allCases.count + part.rawValue
    while parts.count < NameSection.partCount { parts.append((0, 0)) }
    parts[index] = (size, 0)
  }

  /// Notes that all of it has been written.
  mutating func end(_ part: NameList.Part, of kind: EntityID.Kind) {
    let index = (kind == .artist ? 0 : 1) * NameList.Part.allCases.count + part.rawValue
    parts[index].count = size - parts[index].offset
  }

  mutating func append(_ part: NameList.Part, of kind: EntityID.Kind, _ bytes: [UInt8]) throws(SourceError) {
    begin(part, of: kind)
    try append(bytes)
    end(part, of: kind)
  }

  mutating func append(_ part: NameList.Part, of kind: EntityID.Kind, _ spool: inout Spool) throws(SourceError) {
    begin(part, of: kind)
    let write = write
    var count = 0
    try spool.forEachChunk { chunk throws(SourceError) in
      try write(chunk)
      count += chunk.count
    }
    size += count
    end(part, of: kind)
  }
}

enum Scale {
  /// Of one more than the weight.
  static func logarithm(_ weight: Int) -> Double { log(1 + Double(weight)) }
}
