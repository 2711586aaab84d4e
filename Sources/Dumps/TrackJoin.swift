internal import Core
internal import Metadata

/// Puts tracks and their recordings together. There are ten millions of both, so they wait in partitions.
final class TrackJoin {
  private let rows: Partitions

  /// What a record of a recording is.
  private enum Kind {
    static let recording: UInt8 = 1
    static let merged: UInt8 = 2
    static let track: UInt8 = 3
  }

  init(in folder: ScratchFolder) throws(DumpError) { rows = try Partitions(in: folder) }

  func add(recording row: CopyRow) throws(DumpError) {
    try rows.add(Kind.recording, key: try row.key(0)) { record throws(DumpError) in
      record.append(try row.id(1))
      record.append(optionalInt: try row.optionalInt(4))
      record.append(bool: try row.bool(8))
    }
  }

  func add(merged row: CopyRow) throws(DumpError) {
    try rows.add(Kind.merged, key: try row.key(1)) { record throws(DumpError) in record.append(try row.id(0)) }
  }

  func add(track row: CopyRow, of group: Int, medium: Int, credit: Int) throws(DumpError) {
    let isData = try row.bool(11)
    try rows.add(Kind.track, key: try row.key(2)) { record throws(DumpError) in
      record.append(number: group)
      record.append(number: medium)
      record.append(number: credit)
      record.append(bool: isData)
      // Of a data track only whose it is, and that it is there, is shown.
      guard !isData else { return }
      record.append(optionalInt: try row.optionalInt(8))
      record.append(number: try row.key(0))
      record.append(try row.id(1))
      record.append(int: try row.int(4))
      try record.append(row, text: 5)
      try record.append(row, text: 6)
    }
  }

  /// Passes the tracks on to their release groups.
  ///
  /// - Parameter tell: takes the share that is done; false ends it.
  func join(into groups: Partitions, _ tell: (Double) -> Bool) throws(DumpError) {
    for (index, part) in try rows.parts().enumerated() {
      try part.forEach { _, bytes, entries throws(DumpError) in try TrackJoin.join(entries, in: bytes, into: groups) }
      part.discard()
      guard tell(Double(index + 1) / Double(Partitions.count)) else { throw .interrupted }
    }
  }

  private static func join(
    _ entries: [Partition.Entry], in bytes: UnsafeRawBufferPointer, into groups: Partitions
  ) throws(DumpError) {
    var recording: (id: MBID, length: Int?, isVideo: Bool) = (DumpKeys.noID, nil, false)
    var merged: [MBID] = []
    for entry in entries where entry.kind != Kind.track {
      var fields = RecordFields(bytes, at: entry.contents.lowerBound)
      if entry.kind == Kind.merged {
        merged.append(fields.id())
      } else {
        recording = (fields.id(), fields.optionalInt(), fields.bool())
      }
    }
    for entry in entries where entry.kind == Kind.track {
      var fields = RecordFields(bytes, at: entry.contents.lowerBound)
      try groups.add(GroupRecord.track, key: fields.number()) { record in
        record.append(number: fields.number())
        record.append(number: fields.number())
        let isListed = !fields.bool() && !recording.isVideo
        record.append(bool: isListed)
        guard isListed else { return }
        record.append(recording.id)
        record.append(ids: merged)
        record.append(optionalInt: fields.optionalInt() ?? recording.length)
        record.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[fields.position..<entry.contents.upperBound]))
      }
    }
  }
}
