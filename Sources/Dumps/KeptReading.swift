internal import Core
internal import Documents
@preconcurrency internal import Glibc
internal import Metadata

/// What has been read of an export, in a folder beside the file that is built: a build that is ended behind it goes on
/// from there the next time.
///
/// The scratch files get names, and the rest of ``DumpRows`` goes into files of its own. A list of them all comes last,
/// with their lengths and checksums: without it nothing has been kept.
struct KeptReading {
  let path: String
  /// What it is of, in a line: another version, or other archives, have no use for it.
  let origin: String

  private var list: String { file("list") }

  private static let prefix = "linernotes-"

  private func file(_ name: String) -> String { "\(path)/\(KeptReading.prefix)\(name)" }

  /// Where the file system has no way to do so, nothing is kept.
  func keep(_ rows: DumpRows, in folder: ScratchFolder) throws(DumpError) {
    guard mkdir(path, 0o700) == 0 else { throw .system("be created", path) }
    var text = origin + "\n"
    for (name, file) in try rows.files(in: folder) {
      guard file.keep(as: self.file(name)) else { return remove() }
      text += "\(name) \(file.size) \(file.checksum)\n"
    }
    text += KeptReading.end(of: text)
    if !(try ScratchFile(Array(text.utf8), in: folder)).keep(as: list) { remove() }
  }

  /// The last line, without which a list is not whole.
  private static func end(of text: String) -> String {
    "end \(Array(text.utf8).withUnsafeBytes { CRC32.of($0) })\n"
  }

  var isThere: Bool { access(list, F_OK) == 0 }

  /// - Returns: nil when nothing was kept, or something else, or not all of it is there any more.
  func rows(in folder: ScratchFolder) -> DumpRows? {
    guard let text = ScratchFile.text(at: list) else { return nil }
    let lines = text.split(separator: "\n")
    guard let first = lines.first, first == origin, let last = lines.last,
      text.hasSuffix(KeptReading.end(of: String(text.dropLast(last.count + 1))))
    else { return nil }
    var files: [String: ScratchFile] = [:]
    do throws(DumpError) {
      for line in lines.dropFirst().dropLast() {
        let words = line.split(separator: " ")
        guard words.count == 3, let size = Int(words[1]), let checksum = UInt32(words[2]) else { return nil }
        let name = String(words[0])
        files[name] = try ScratchFile(keptAt: file(name), size: size, checksum: checksum, in: folder)
      }
      return try DumpRows(files)
    } catch {
      return nil
    }
  }

  /// Makes sure that what is going to be read can be kept, before it takes long.
  func makeRoom() throws(DumpError) {
    remove()
    var status = stat()
    guard lstat(path, &status) != 0 else {
      throw DumpError(.inaccessible, "\(path) is in the way: what has been read is kept there")
    }
  }

  /// Removes what was kept, if anything was.
  func remove() {
    guard let folder = opendir(path) else { return }
    var names: [String] = []
    while let entry = readdir(folder) {
      names.append(withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
    }
    closedir(folder)
    // The list first: without it the rest is nothing.
    unlink(list)
    for name in names where name.hasPrefix(KeptReading.prefix) { unlink("\(path)/\(name)") }
    rmdir(path)
  }
}

// MARK: - Rows as files

extension DumpRows {
  /// All of it, under names.
  fileprivate func files(in folder: ScratchFolder) throws(DumpError) -> [(name: String, file: ScratchFile)] {
    try groups.flush()
    try artists.flush()
    try links.flush()
    var files: [(name: String, file: ScratchFile)] = []
    let kept = [
      ("groups", groups.files), ("artists", artists.files), ("releases", links.releases.files),
      ("spotify", links.spotify.files), ("pages", links.pages.files),
    ]
    for (name, parts) in kept {
      for (place, file) in parts.enumerated() { files.append(("\(name)-\(place)", file)) }
    }
    var values: [UInt8] = []
    append(to: &values)
    files.append(("values", try ScratchFile(values, in: folder)))
    files.append(("artist-ids", try ScratchFile(keys.artists.values, in: folder)))
    files.append(("credits", try ScratchFile(keys.artistOfCredit.values, in: folder)))
    files.append(("credit-names", try ScratchFile(keys.creditNames.bytes, in: folder)))
    files.append(("credit-name-places", try ScratchFile(keys.creditNames.places.values, in: folder)))
    files.append(("labels", try ScratchFile(keys.labels.bytes, in: folder)))
    files.append(("label-places", try ScratchFile(keys.labels.places.values, in: folder)))
    files.append(("merged-tracks", try ScratchFile(keys.mergedTracks.pairs, in: folder)))
    files.append(("merged-series", try ScratchFile(keys.mergedSeries.pairs, in: folder)))
    return files
  }

  /// - Returns: nil when a file is missing.
  fileprivate init?(_ files: [String: ScratchFile]) throws(DumpError) {
    func parts(_ name: String, _ count: Int) -> [ScratchFile]? {
      let parts = (0..<count).compactMap { files["\(name)-\($0)"] }
      return parts.count == count ? parts : nil
    }
    func values<Value: BitwiseCopyable>(_ name: String) throws(DumpError) -> [Value] { try files[name]?.rows() ?? [] }

    guard let groups = parts("groups", Partitions.count), let artists = parts("artists", Partitions.count),
      let releases = parts("releases", SortedScratch<ReleaseRow>.count),
      let spotify = parts("spotify", SortedScratch<PageRow>.count),
      let pages = parts("pages", SortedScratch<PageRow>.count), let folder = groups.first?.folder
    else { return nil }
    self.init(
      groups: Partitions(groups), artists: Partitions(artists),
      links: try LinkRows(
        releases: SortedScratch(releases), spotify: SortedScratch(spotify), pages: SortedScratch(pages), in: folder))
    keys.artists = KeyedArray(try values("artist-ids"), nothing: DumpKeys.noID)
    keys.artistOfCredit = KeyedArray(try values("credits"), nothing: 0)
    keys.creditNames = KeyedTexts(try values("credit-names"), places: try values("credit-name-places"))
    keys.labels = KeyedTexts(try values("labels"), places: try values("label-places"))
    keys.mergedTracks = KeyedLists(sorted: try values("merged-tracks"))
    keys.mergedSeries = KeyedLists(sorted: try values("merged-series"))
    let bytes: [UInt8] = try values("values")
    bytes.withUnsafeBytes { bytes in
      var fields = RecordFields(bytes, at: 0)
      read(&fields)
    }
  }

  // MARK: - Values

  private func append(to record: inout [UInt8]) {
    for names in [
      keys.artistTypes, keys.primaryTypes, keys.secondaryTypes, keys.statuses, keys.formats, keys.areas,
      keys.genreOfTag,
    ] {
      record.append(names: names)
    }
    record.append(optionalInt: keys.artistNameType)
    record.append(optionalInt: keys.groupNameType)
    series.append(to: &record)
    record.append(int: Int(created.seconds))
    record.append(bool: vintage != nil)
    record.append(text: (vintage ?? "").utf8)
    record.append(number: skipped)
  }

  private mutating func read(_ fields: inout RecordFields) {
    keys.artistTypes = fields.names()
    keys.primaryTypes = fields.names()
    keys.secondaryTypes = fields.names()
    keys.statuses = fields.names()
    keys.formats = fields.names()
    keys.areas = fields.names()
    keys.genreOfTag = fields.names()
    keys.artistNameType = fields.optionalInt()
    keys.groupNameType = fields.optionalInt()
    series = SeriesRows(&fields)
    created = UnixTime(seconds: Int64(fields.int()))
    let hasVintage = fields.bool()
    let text = fields.text()
    vintage = hasVintage ? text : nil
    skipped = fields.number()
  }
}

extension SeriesRows {
  fileprivate func append(to record: inout [UInt8]) {
    record.append(number: ids.count)
    for (key, id) in ids {
      record.append(number: key)
      record.append(id)
    }
    record.append(number: entries.count)
    for (series, entries) in entries {
      record.append(number: series)
      record.append(number: entries.count)
      for entry in entries {
        record.append(number: entry.row)
        record.append(number: entry.link)
        record.append(number: entry.group)
        record.append(int: entry.order)
      }
    }
    record.append(number: typeOfLink.count)
    for (link, type) in typeOfLink {
      record.append(number: link)
      record.append(number: type)
    }
    record.append(names: numbers)
    record.append(optionalInt: partOfType)
  }

  fileprivate init(_ fields: inout RecordFields) {
    self.init()
    for _ in 0..<fields.number() {
      let key = fields.number()
      add(fields.id(), at: key)
    }
    for _ in 0..<fields.number() {
      let series = fields.number()
      for _ in 0..<fields.number() {
        add(
          Entry(row: fields.number(), link: fields.number(), group: fields.number(), order: fields.int()), to: series)
      }
    }
    for _ in 0..<fields.number() { add(link: fields.number(), type: fields.number()) }
    for (link, number) in fields.names() { add(link: link, number: number) }
    partOfType = fields.optionalInt()
  }
}

extension [UInt8] {
  fileprivate mutating func append(names: [Int: String]) {
    append(number: names.count)
    for (key, name) in names {
      append(number: key)
      append(text: name.utf8)
    }
  }
}

extension RecordFields {
  fileprivate mutating func names() -> [Int: String] {
    var names: [Int: String] = [:]
    for _ in 0..<number() {
      let key = number()
      names[key] = text()
    }
    return names
  }
}
