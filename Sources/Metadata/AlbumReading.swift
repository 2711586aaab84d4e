internal import Core
internal import Documents

/// Reads what an album's document says, for whoever has nothing else.
struct AlbumReading {
  /// The members up to the pictures.
  var head: JSONValue { AlbumReading.head(of: document) }

  private let document: Document
  private let releasesPlace: Int

  /// - Returns: nil for a document of another form.
  init?(_ document: Document) {
    guard let place = AlbumDocument.releasesPlace(in: document.parts.map(\.fragment)) else { return nil }
    self.document = document
    releasesPlace = place
  }

  /// The members of an artist or album up to its pictures; none where they cannot be read.
  static func head(of document: Document) -> JSONValue {
    let text = OutputBuffer()
    guard let part = document.parts.first, Body([part.fragment]).appendPlain(to: text) else { return .null }
    text.append("[]}")
    return JSONValue(text.bytes) ?? .null
  }

  /// The releases that list some of these recordings, also under ids that were merged, and how many of them.
  ///
  /// Albums have thousands of tracks of which nothing but the ids is wanted, so the text is not parsed but looked through.
  /// In a text within it quotes are escaped: what is looked for there is always the name of a member.
  func releases(holding recordings: Set<MBID>) -> [(release: MBID, matched: Int)] {
    let text = OutputBuffer()
    guard Body([document.parts[releasesPlace].fragment]).appendPlain(to: text) else { return [] }
    var found: [(release: MBID, matched: Int)] = []
    var release: MBID?
    var matched: Set<MBID> = []
    func end() {
      if let release, !matched.isEmpty { found.append((release, matched.count)) }
      matched = []
    }
    var scanner = Scanner(text.bytes)
    while let member = scanner.next() {
      switch member {
      case .release(let id):
        end()
        release = id
      case .recording(let id, let merged):
        if recordings.contains(id) || merged.contains(where: recordings.contains) { matched.insert(id) }
      }
    }
    end()
    return found
  }

  private enum Member {
    case release(MBID)
    case recording(MBID, merged: [MBID])
  }

  /// Goes through the ids of a list of releases as ``AlbumDocument`` spells it.
  private struct Scanner {
    private let text: UnsafeRawBufferPointer
    private var position = 0

    init(_ text: UnsafeRawBufferPointer) { self.text = text }

    mutating func next() -> Member? {
      while position + 4 <= text.count {
        guard text[position] == UInt8(ascii: "I"), take(#"Id":""#) else {
          position += 1
          continue
        }
        let isBare = isBehind("\"", 5)
        let isRecording = isBehind(#""Recording"#, 5)
        guard isBare || isRecording, let id = id(), take(#"",""#) else { continue }
        if isRecording {
          guard take(#"OldRecordingIds":["#) else { continue }
          return .recording(id, merged: ids())
        }
        guard take(#"OldIds":["#) else { continue }
        _ = ids()
        // Tracks have an id as well.
        if take(#"],"Title":"#) { return .release(id) }
      }
      return nil
    }

    /// Whether what was taken, which had so many bytes, stands behind this.
    private func isBehind(_ word: StaticString, _ length: Int) -> Bool {
      let start = position - length - word.utf8CodeUnitCount
      return start >= 0 && isAt(start, word)
    }

    private func isAt(_ start: Int, _ word: StaticString) -> Bool {
      guard start + word.utf8CodeUnitCount <= text.count else { return false }
      for offset in 0..<word.utf8CodeUnitCount where text[start + offset] != word.utf8Start[offset] { return false }
      return true
    }

    private mutating func take(_ word: StaticString) -> Bool {
      guard isAt(position, word) else { return false }
      position += word.utf8CodeUnitCount
      return true
    }

    private mutating func id() -> MBID? {
      guard position + 36 <= text.count else { return nil }
      let bytes = UnsafeRawBufferPointer(rebasing: text[position..<(position + 36)])
      guard let id = bytes.withMemoryRebound(to: UInt8.self, { MBID(utf8: $0) }) else { return nil }
      position += 36
      return id
    }

    /// A list of ids up to its closing bracket.
    private mutating func ids() -> [MBID] {
      var ids: [MBID] = []
      while take("\"") || take(",\"") {
        guard let id = id(), take("\"") else { break }
        ids.append(id)
      }
      return ids
    }
  }
}

extension PartialDate {
  /// Reads `1999-01-02`.
  init?(calendarDate text: String) {
    let parts = text.split(separator: "-").map { Int($0) }
    guard parts.count == 3, let year = parts[0], let month = parts[1], let day = parts[2] else { return nil }
    self.init(year: year, month: month, day: day)
  }
}
