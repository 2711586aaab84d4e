internal import Core
@preconcurrency internal import Glibc

/// Reads the archives of an export.
struct DumpReader {
  let folder: String
  let threads: Int
  let report: DumpBuild.Report

  func read(scratch: ScratchFolder) throws(DumpError) -> DumpRows {
    let sizes = try sizes()
    let total = max(1, sizes.reduce(0, +))
    try checkRoom(in: scratch.path, for: total)
    var reading = try DumpReading(scratch: scratch)
    var references = DumpReferences()
    var timestamp: String?
    var done = 0
    for (archive, size) in zip(DumpArchive.allCases, sizes) {
      let found = try read(archive, into: &reading, &references) { share in
        report(
          .init(stage: .reading, share: (Double(done) + share * Double(size)) / Double(total)))
      }
      if let timestamp, timestamp != found {
        throw DumpError(
          .unsuitable,
          "\(archive.rawValue) is of another export (\(found)) than \(DumpArchive.core.rawValue) (\(timestamp))")
      }
      timestamp = found
      done += size
    }
    var rows = try reading.finish { share in report(.init(stage: .joining, share: share)) }
    rows.skipped += references.skipped
    guard let timestamp, let created = DumpTime.read(timestamp) else {
      throw DumpError(
        .damaged, "\(DumpArchive.core.rawValue): TIMESTAMP cannot be read: \((timestamp ?? "").prefix(60))")
    }
    rows.created = created
    rows.vintage = rows.vintage.flatMap(DumpTime.iso8601)
    return rows
  }

  /// Tells the archives from others, and from what becomes of them.
  func identity() throws(DumpError) -> String {
    try DumpArchive.allCases.map { archive throws(DumpError) in
      var status = stat()
      guard stat(path(of: archive), &status) == 0 else { throw .system("read", path(of: archive)) }
      return "\(status.st_ino):\(status.st_size):\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
    }.joined(separator: " ")
  }

  private func path(of archive: DumpArchive) -> String { "\(folder)/\(archive.rawValue)" }

  private func sizes() throws(DumpError) -> [Int] {
    try DumpArchive.allCases.map { archive throws(DumpError) in try size(of: archive) }
  }

  private func size(of archive: DumpArchive) throws(DumpError) -> Int {
    var status = stat()
    guard stat(path(of: archive), &status) == 0 else { throw .system("read", path(of: archive)) }
    return Int(status.st_size)
  }

  /// What rows refer to stays in memory: about a quarter of what the archives take. A third of that is more than is
  /// allowed only for moments.
  func checkMemory(_ memory: Int) throws(DumpError) {
    let total = try sizes().reduce(0, +)
    let needed = 56 << 20 + total * 172 / 1_000
    guard memory >= needed else {
      throw DumpError(
        .unsuitable, "\(memory >> 20) MB of memory are too little for these archives: they need \(needed >> 20 + 1) MB")
    }
  }

  /// The scratch files and the new file take about three times what the archives do.
  private func checkRoom(in scratch: String, for total: Int) throws(DumpError) {
    var status = statvfs()
    guard statvfs(scratch, &status) == 0 else { throw .system("write to", scratch) }
    let free = Int(status.f_bavail) * Int(status.f_frsize)
    guard free >= total * 3 else {
      throw DumpError(
        .inaccessible, "\(scratch): \(free >> 20) MB are free, about \(total * 3 >> 20) MB are needed")
    }
  }

  /// - Returns: the time of the export.
  private func read(
    _ archive: DumpArchive, into reading: inout DumpReading, _ references: inout DumpReferences,
    _ tell: (Double) -> Bool
  ) throws(DumpError) -> String {
    var tar = TarReader(path: archive.rawValue, try source(of: archive))
    var timestamp: String?
    var hasSchema = false
    var bytesRead = 0
    while let name = try tar.next() {
      switch name {
      case "TIMESTAMP": timestamp = Self.line(try tar.readAll(upTo: 1_000))
      case "SCHEMA_SEQUENCE":
        let schema = Self.line(try tar.readAll(upTo: 100))
        guard Int(schema) == DumpTableName.schema else {
          throw DumpError(
            .unsuitable,
            "\(archive.rawValue) is of schema \(schema.prefix(20)) of MusicBrainz; this version knows \(DumpTableName.schema)"
          )
        }
        hasSchema = true
      default:
        guard name.hasPrefix("mbdump/"), let table = DumpTableName(rawValue: String(name.dropFirst("mbdump/".count))),
          table.archive == archive
        else { continue }
        // Rows of another schema would be read for what they are not.
        guard hasSchema else {
          throw DumpError(.unsuitable, "\(archive.rawValue): SCHEMA_SEQUENCE does not come before the tables")
        }
        try reading.begin(table)
        try references.begin(table)
        var rows = CopyRows(table.table)
        defer { rows.release() }
        while let bytes = try tar.read() {
          bytesRead += bytes.count
          try rows.add(bytes) { row throws(DumpError) in
            if try references.admit(row) { try reading.add(row, of: table) }
          }
          // How much of an archive that is only its compressed bytes would tell; text shrinks to about a sixth.
          guard tell(min(1, Double(bytesRead) / (6 * Double(max(1, try size(of: archive)))))) else {
            throw .interrupted
          }
        }
        try rows.finish()
        try references.end()
        try reading.end(table, rows: rows.count)
      }
    }
    guard let timestamp else { throw DumpError(.unsuitable, "\(archive.rawValue) has no TIMESTAMP: it is no export") }
    return timestamp
  }

  /// lbzip2 is half as fast again, where it is installed.
  private func source(of archive: DumpArchive) throws(DumpError) -> TarReader.Source {
    if PipedProcess.isInstalled("lbzip2") {
      let process = try PipedProcess(["lbzip2", "-dc", "-n", "\(threads)", "--", path(of: archive)])
      let ending = try Bzip2Ending(path: path(of: archive))
      return { () throws(DumpError) in
        if let bytes = try process.read() { return bytes }
        try ending.check()
        return nil
      }
    }
    let reader = try Bzip2Reader(path: path(of: archive), threads: threads)
    return { () throws(DumpError) in try reader.read() }
  }

  private static func line(_ bytes: [UInt8]) -> String {
    String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }
}

/// Times as PostgreSQL writes them: `2026-07-24 00:12:34.567+00`.
enum DumpTime {
  /// The same in ISO 8601, with microseconds unless they are zero, as `vintage.sql` has it; nil for anything else.
  static func iso8601(_ text: String) -> String? {
    guard read(text) != nil else { return nil }
    let fraction = text.dropFirst(19).prefix { $0 != "+" }
    let padded = fraction.isEmpty ? "" : fraction + String(repeating: "0", count: max(0, 7 - fraction.count))
    return text.prefix(10) + "T" + text.dropFirst(11).prefix(8) + padded + "+00:00"
  }

  static func read(_ text: String) -> UnixTime? {
    let parts = text.split { " :-T".contains($0) }
    guard parts.count >= 6, let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]),
      let hour = Int(parts[3]), let minute = Int(parts[4]), let second = Int(parts[5].prefix(2)),
      (1970...9999).contains(year), (1...12).contains(month), (1...31).contains(day), (0...23).contains(hour),
      (0...59).contains(minute), (0...60).contains(second), text.hasSuffix("+00") || text.hasSuffix("+00:00")
    else { return nil }
    var time = tm()
    time.tm_year = Int32(year - 1900)
    time.tm_mon = Int32(month - 1)
    time.tm_mday = Int32(day)
    time.tm_hour = Int32(hour)
    time.tm_min = Int32(minute)
    time.tm_sec = Int32(second)
    return UnixTime(seconds: Int64(timegm(&time)))
  }
}
