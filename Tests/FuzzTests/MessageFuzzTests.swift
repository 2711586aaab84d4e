import Core
import Metadata
import Testing

@testable import Messages

@Suite struct MessageFuzzTests {
  static let corpus = Corpus.texts(
    #"{"_table":"artist_alias","_operation":"update","id":901,"artist":7,"type":1}"#,
    #"{"_table":"release","_operation":"delete","id":40,"gid":"0a1b2c3d-1111-4222-8333-444455556666"}"#,
    "release-group 30 31", "artist a0f927ef-80a9-4ce9-b5a9-4c412e092897",
    #"["83d91898-7763-47d7-b03b-b92132375c47",7]"#,
    #"{"type":"album","ids":[7,8]}"#, "83d91898-7763-47d7-b03b-b92132375c47,83d91898-7763-47d7-b03b-b92132375c47")

  @Test func `a message is understood or poison`() throws {
    try Fuzz("messages", inputs: 10_000).run(Self.corpus) { input, _ in
      for about in [nil, AnnouncedEntity.artist, .album] {
        guard let told = try? AnnouncementReader(about: about).read(input) else { continue }
        let rows = told.rows.artists.union(told.rows.albums).union(told.rows.releases).union(told.rows.series)
        try check(rows.allSatisfy { (1...Int64(Int32.max)).contains($0) }, "a row that cannot be")
      }
    }
  }
}
