public import Cache
public import Core
internal import Documents
internal import Postgres

extension PostgresDurableTier {
  public func claimDue(_ question: DueQuestion, seconds: Int64) throws(SourceError) -> [DueDocument] {
    guard question.limit > 0 else { return [] }
    let stamp = Int64(bitPattern: question.stamp ?? 0)
    return try run(
      .claimDue,
      [
        .text(question.kind.name), .int8(question.before.seconds), .int8(stamp), .int8(Int64(question.limit)),
        .int8(min(max(1, seconds), DueQuestion.longestClaim)), .int8(question.usedHour),
        .int8(question.wantsDocuments ? 1 : 0),
      ], into: [], within: StoreDatabase.writeMilliseconds
    ) { due, row throws(PostgresFailure) in
      let id = try row.uuid()
      let expires = UnixTime(seconds: Int64(try row.int()))
      let fingerprint = UInt64(bitPattern: Int64(try row.int()))
      let noted = Int64(try row.int())
      let claim = Int64(try row.int())
      let isThere = try row.bool()
      var document = row.optionalBytes().flatMap { Document(encoded: $0) }
      document?.expires = expires
      due.append(
        DueDocument(
          CacheKey(question.kind, id), document: document, fingerprint: isThere ? fingerprint : nil,
          isUrgent: !isThere || expires.seconds <= 0 || (stamp != 0 && noted != 0 && noted != stamp), claim: claim))
    }
  }

  public func giveBack(_ documents: [DueDocument]) throws(SourceError) {
    guard !documents.isEmpty else { return }
    try run(
      .giveBack,
      [.texts(documents.map(\.key.kind.name)), .uuids(documents.map(\.key.id)), .int8s(documents.map(\.claim))])
  }

  public func noteStamps(of kind: CacheKey.Kind, limit: Int) throws(SourceError) -> Int {
    typealias Found = (id: MBID, stamp: Int64)
    let found = try run(
      .unstamped, [.text(kind.name), .int8(Int64(limit))], into: [Found](), within: StoreDatabase.writeMilliseconds
    ) { found, row throws(PostgresFailure) in
      let id = try row.uuid()
      found.append((id, Int64(bitPattern: Document.stamp(inHeader: try row.bytes()))))
    }
    guard !found.isEmpty else { return 0 }
    try run(.noteStamps, [.text(kind.name), .uuids(found.map(\.id)), .int8s(found.map(\.stamp))])
    return found.count
  }
}
