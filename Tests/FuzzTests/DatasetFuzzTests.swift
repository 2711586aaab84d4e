import Cache
import Core
import Foundation
import Testing

@testable import Dataset
@testable import Documents
@testable import Metadata

/// What is read from a file that somebody handed on.
@Suite struct DatasetFuzzTests {
  private static let id: MBID = "472bc127-8861-45e8-bc9e-31e8dd32de7a"
  private static let seed = Document.packingSeed(kind: "artist")

  /// With the checksum that belongs to what is there now, so that all behind it is read as well.
  private static func sealed(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.count > Document.packedHeadLength else { return bytes }
    var bytes = bytes
    let key = (id.high.littleEndian, id.low.littleEndian)
    let start = withUnsafeBytes(of: key) { CRC32.of($0, after: seed) }
    let crc = bytes.withUnsafeBytes { CRC32.of(UnsafeRawBufferPointer(rebasing: $0[8...]), after: start) }
    for index in 0..<4 {
      bytes[index] = UInt8(truncatingIfNeeded: (bytes.count - 8) >> (8 * index))
      bytes[4 + index] = UInt8(truncatingIfNeeded: crc >> UInt32(8 * index))
    }
    return bytes
  }

  @Test func `a document of a file is a miss, or what is sent of it is sound`() throws {
    let output = OutputBuffer()
    let shifts = CRCShifts()
    var cut = Document(parts: [.init(Fragment(literal: "{}"))], expires: UnixTime(seconds: 0))
    cut.cut = .init(id: Self.id, note: [1, 2, 3])
    cut.said = UnixTime(seconds: 1_700_000_000)
    let corpus = (StoredFuzzTests.documents.filter { $0.state == .present } + [cut]).map {
      $0.packed(as: Self.id, seed: Self.seed)
    }
    try Fuzz("PackedDocument", inputs: 10_000).run(corpus) { input, randomness in
      let input = randomness.once(in: 4) ? input : Self.sealed(input)
      guard let document = Document(packed: input, as: Self.id, seed: Self.seed, shifts: shifts) else { return }
      let body = Body(document.parts.map(\.fragment))
      try check(body.plainLength >= 0 && body.plainLength <= 1_032 * input.count, "it claims \(body.plainLength) bytes")
      output.reset()
      body.appendGzip(to: output)
      try check(output.count == body.gzipLength, "gzip: \(output.count) bytes")
      guard body.plainLength <= 1 << 20 else { return }
      _ = document.unpacked()
      _ = CoverNote(document.cut?.note ?? [])
      try check(
        Document(packed: input, as: "22ca85ec-ee39-3895-aef9-dee5d5c2f4d6", seed: Self.seed, shifts: shifts) == nil,
        "it is read under another id")
    }
  }

  @Test(arguments: [false, true]) func `a file is refused, or answers with what was written`(isSqueezed: Bool) throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "linernotes-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let path = directory.appending(path: "file").path
    let cut = CutDocuments(.init())
    let ids = (0..<20).map { MBID(high: UInt64($0) &* 0x9e37_79b9_7f4a_7c15, low: 7) }
    let documents = ids.map { cut.artist(Artist(id: $0, name: "\($0)", sortName: ""), said: UnixTime(seconds: 1)) }
    let writer = try DatasetWriter(path: path)
    if isSqueezed {
      let packed = zip(ids, documents).map { $1.packed(as: $0, seed: Self.seed) }
      let squeezer = try DatasetSqueezer(samples: packed)
      writer.setDictionary(of: squeezer, for: .artist)
      for (index, id) in ids.enumerated() {
        let bytes = packed[index]
        let record = index == 7 ? DatasetSqueezer.record(whole: bytes) : squeezer.record(of: bytes)
        try writer.add(packed: record, said: documents[index].said, CacheKey(.artist, id))
      }
    } else {
      for (id, document) in zip(ids, documents) { try writer.add(document, CacheKey(.artist, id)) }
    }
    writer.addMerged(Self.id, into: ids[3], .artist)
    let releases: DatasetWriter.SectionContents = { append throws(SourceError) in
      var bytes: [UInt8] = []
      for key in [1, 7, LinkKey.release(Self.id)] { bytes.append(number: key) }
      for number in 0..<6 { bytes.append(number: UInt32(number)) }
      try append(bytes)
      return 3
    }
    _ = try writer.finish(
      DatasetInfo(created: .now, program: "", settings: [.init(name: "A", value: "b")]),
      links: { _ in [(.release, releases)] })
    let whole = Array(try Data(contentsOf: URL(filePath: path)))
    // Without the zeros at the header's end, which would be most of what is changed.
    let text = DatasetInfo(created: .now, program: "", settings: [.init(name: "A", value: "b")]).text
    let used = 48 + (isSqueezed ? 5 : 4) * DatasetSection.length + text.utf8.count
    let corpus = [Array(whole[..<used]) + whole[DatasetHeader.length...]]
    try Fuzz(isSqueezed ? "SqueezedFile" : "DatasetFile", inputs: 1_500).run(corpus) { input, randomness in
      var bytes = Array(input.prefix(used)) + [UInt8](repeating: 0, count: max(0, DatasetHeader.length - used))
      bytes += input.dropFirst(used)
      if !randomness.once(in: 4) { bytes = resealed(bytes, isLength: randomness.once(in: 2)) }
      // The same file all the time: making one takes longer than reading it.
      try bytes.withUnsafeBytes { bytes in
        let descriptor = Glibc.open(path, O_WRONLY | O_TRUNC)
        defer { close(descriptor) }
        try check(Glibc.write(descriptor, bytes.baseAddress, bytes.count) == bytes.count, "cannot write")
      }
      guard let file = try? DatasetFile(path: path) else { return }
      _ = try? file.verify()
      _ = file.info.differences(from: [])
      for (id, document) in zip(ids, documents) {
        guard let found = file.get([CacheKey(.artist, id)])[0] else { continue }
        if case .moved = found.state { continue }
        try check(found.unpacked()?.fingerprint == document.fingerprint, "another document for \(id)")
      }
      _ = file.get([CacheKey(.artist, Self.id)])
      _ = file.document(at: 0, of: .artist)
      _ = file.merged(at: 0, of: .artist)
      _ = file.release(Self.id)
      _ = file.targets(ofPage: "https://example.org/")
    }
  }

  /// With the header's checksum, and perhaps the length, that belong to what is there now.
  private func resealed(_ bytes: [UInt8], isLength: Bool) -> [UInt8] {
    guard bytes.count >= DatasetHeader.length else { return bytes }
    var bytes = bytes
    if isLength {
      for index in 0..<8 { bytes[16 + index] = UInt8(truncatingIfNeeded: bytes.count >> (8 * index)) }
    }
    for index in 40..<44 { bytes[index] = 0 }
    let crc = Array(bytes[..<DatasetHeader.length]).withUnsafeBytes(CRC32.of)
    for index in 0..<4 { bytes[40 + index] = UInt8(truncatingIfNeeded: crc >> UInt32(8 * index)) }
    return bytes
  }
}
