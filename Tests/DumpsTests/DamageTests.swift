import Dataset
import Testing

@testable import Dumps

/// Archives that are damaged anywhere: an error, or the file of the undamaged ones; never a crash, and never another file.
/// The damage follows from a seed, so it is the same in every run.
@Suite struct DamageTests {
  let folder: Folder

  init() throws { folder = try Folder(isSmall: true) }

  enum Damage: CaseIterable {
    case bits, byte, cut, without, twice, more, zeros

    func applied(to bytes: [UInt8], _ numbers: inout Numbers) -> [UInt8] {
      var bytes = bytes
      let place = Int.random(in: 0..<bytes.count, using: &numbers)
      let length = Int.random(in: 1...max(1, bytes.count / 4), using: &numbers)
      let end = min(bytes.count, place + length)
      switch self {
      case .bits:
        for _ in 0..<Int.random(in: 1...3, using: &numbers) {
          bytes[Int.random(in: 0..<bytes.count, using: &numbers)] ^= 1 << UInt8.random(in: 0..<8, using: &numbers)
        }
      case .byte: bytes[place] = UInt8.random(in: 0...255, using: &numbers)
      case .cut: bytes.removeSubrange(place...)
      case .without: bytes.removeSubrange(place..<end)
      case .twice: bytes.insert(contentsOf: bytes[place..<end], at: place)
      case .more:
        bytes.insert(
          contentsOf: (0..<length % 40 + 1).map { _ in UInt8.random(in: 0...255, using: &numbers) }, at: place)
      case .zeros: for index in place..<end { bytes[index] = 0 }
      }
      return bytes
    }
  }

  /// Several blocks, so that whole ones may be missing.
  @Test(.timeLimit(.minutes(1)), arguments: Damage.allCases)
  func `a damaged bzip2 file is refused, or what it holds is the same`(damage: Damage) throws {
    var numbers = Numbers(seed: 31)
    let text = (0..<220_000).map { _ in UInt8.random(in: 0..<40, using: &numbers) }
    let whole = try run(["bzip2", "-c", "-1"], input: text)
    for round in 0..<20 {
      let damaged = damage.applied(to: whole, &numbers)
      let path = try folder.write(damaged, to: "file.bz2")
      do throws(DumpError) {
        let reader = try Bzip2Reader(path: path, threads: 2)
        var bytes: [UInt8] = []
        while let part = try reader.read() { bytes += part }
        #expect(bytes == text, "\(damage), round \(round)")
      } catch {
        #expect(error.code == .damaged, "\(error)")
        #expect(error.description.hasPrefix(path), "\(error)")
      }
    }
  }

  @Test(.timeLimit(.minutes(1)), arguments: Damage.allCases)
  func `a damaged archive is refused, or its file is the same`(damage: Damage) throws {
    try SmallDump.varied.write(to: folder)
    _ = try SmallDump.build(folder)
    let expected = try folder.read("out.dataset")
    var numbers = Numbers(seed: 7)
    var refused = 0
    for round in 0..<12 {
      let archive = DumpArchive.allCases[round % 3]
      let whole = try folder.read(archive.rawValue)
      _ = try folder.write(damage.applied(to: whole, &numbers), to: archive.rawValue)
      do {
        _ = try SmallDump.build(folder)
        let found = try? folder.read("out.dataset")
        #expect(found == expected, "\(damage), round \(round)")
      } catch let error as DumpError {
        refused += 1
        #expect(error.description.contains(archive.rawValue), "\(error)")
      }
      _ = try folder.write(whole, to: archive.rawValue)
    }
    #expect(refused > 6)
  }

  /// Here the checksums of bzip2 are right, so only what is in the archive can tell.
  @Test(.timeLimit(.minutes(1))) func `an archive that was cut before it was compressed is refused`() throws {
    try SmallDump.varied.write(to: folder)
    for archive in DumpArchive.allCases {
      let whole = try folder.read(archive.rawValue)
      let text = try run(["bzip2", "-dc"], input: whole)
      let end = try #require(text.lastIndex { $0 != 0 })
      var numbers = Numbers(seed: 3)
      // Files fill blocks; both blocks of zeros behind the last one are wanted.
      let all = (end / 512 + 1) * 512
      let lengths = (0..<8).map { _ in Int.random(in: 0...all, using: &numbers) } + [0, all, all + 512, all + 1_023]
      for length in lengths {
        _ = try folder.write(try run(["bzip2", "-c"], input: Array(text[..<length])), to: archive.rawValue)
        let error = #expect(throws: DumpError.self, "\(length) of \(archive)") { try SmallDump.build(folder) }
        #expect(
          error?.description == "\(archive.rawValue) ends in the middle: it was not downloaded to the end")
      }
      _ = try folder.write(try run(["bzip2", "-c"], input: Array(text[..<(all + 1_024)])), to: archive.rawValue)
      #expect(throws: Never.self) { try SmallDump.build(folder) }
      _ = try folder.write(whole, to: archive.rawValue)
    }
  }

  /// Here nothing but the rows can tell, and not all of it.
  @Test(.timeLimit(.minutes(1)), arguments: Damage.allCases)
  func `rows that say anything are refused, or become a file that is whole`(damage: Damage) throws {
    try SmallDump.varied.write(to: folder)
    var numbers = Numbers(seed: 13)
    let archive = DumpArchive.core.rawValue
    let text = try run(["bzip2", "-dc"], input: try folder.read(archive))
    for _ in 0..<12 {
      _ = try folder.write(try run(["bzip2", "-c"], input: damage.applied(to: text, &numbers)), to: archive)
      do {
        _ = try SmallDump.build(folder)
        let path = folder.path + "/out.dataset"
        #expect(throws: Never.self) { try DatasetFile(path: path).verify() }
      } catch let error as DumpError {
        #expect(!error.description.isEmpty)
      }
    }
  }
}
