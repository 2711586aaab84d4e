/// Up to where changes have been told, as it is kept by whoever was told.
///
/// A transaction that began earlier may be committed later, so a position is a snapshot: what it sees has been told. A
/// round goes from one snapshot to the next in batches; within one, the position also says where to go on.
struct ChangePosition: Equatable {
  /// Which database it is of. One that was imported again is another one.
  var database: String
  /// Which epoch of recorded changes; empty where nothing is recorded.
  var epoch = ""
  var seen: Snapshot
  /// When that snapshot was taken, in microseconds since 1970.
  var time: Int64
  /// The number of the last replication packet then.
  var sequence: Int64?
  /// Whether changes before this are not told any more.
  var hasGap = false
  var round: Round?

  /// Where a round has come to.
  struct Round: Equatable {
    /// Where it ends.
    var until: Snapshot
    var time: Int64
    var sequence: Int64?
    /// What was told last: the place among the tables that are read for times, and two keys within.
    var table = 0
    var first: Int64 = 0
    var second: Int64 = 0
  }

  /// `xmin:xmax:xip,…`, as PostgreSQL writes it.
  struct Snapshot: Equatable {
    let text: String
    let lowest: UInt64
    let next: UInt64

    /// - Returns: nil for what PostgreSQL would not take either.
    init?(_ text: String) {
      let parts = text.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 3, let lowest = UInt64(parts[0]), let next = UInt64(parts[1]), lowest > 0, lowest <= next,
        next <= UInt64(Int64.max)
      else { return nil }
      var last = lowest
      for part in parts[2].split(separator: ",", omittingEmptySubsequences: true) {
        guard let running = UInt64(part), running >= last, running < next else { return nil }
        last = running
      }
      self.text = text
      self.lowest = lowest
      self.next = next
    }

    /// One that sees all transactions before this one and none from it on.
    init?(before transaction: String) { self.init("\(transaction):\(transaction):") }
  }
}

extension ChangePosition: LosslessStringConvertible {
  private static let layout = "1"

  var description: String {
    var fields = [
      ChangePosition.layout, database, epoch, seen.text, "\(time)", ChangePosition.text(sequence), hasGap ? "gap" : "",
    ]
    if let round {
      fields += [
        round.until.text, "\(round.time)", ChangePosition.text(round.sequence), "\(round.table)", "\(round.first)",
        "\(round.second)",
      ]
    }
    return fields.joined(separator: "|")
  }

  /// - Returns: nil for what no version wrote.
  init?(_ description: String) {
    let fields = description.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
    guard fields.count == 7 || fields.count == 13, fields[0] == ChangePosition.layout,
      let seen = Snapshot(fields[3]), let time = ChangePosition.number(fields[4])
    else { return nil }
    self.init(database: fields[1], epoch: fields[2], seen: seen, time: time)
    sequence = ChangePosition.number(fields[5])
    hasGap = fields[6] == "gap"
    guard fields.count == 13 else { return }
    guard let until = Snapshot(fields[7]), let ends = ChangePosition.number(fields[8]),
      let table = ChangePosition.number(fields[10]), let first = ChangePosition.number(fields[11]),
      let second = Int64(fields[12]), second >= 0
    else { return nil }
    round = Round(
      until: until, time: ends, sequence: ChangePosition.number(fields[9]), table: Int(table), first: first,
      second: second)
  }

  /// Nothing that is computed with such a number overflows, in PostgreSQL neither: a time before the year 10,000.
  private static func number(_ text: String) -> Int64? {
    Int64(text).flatMap { (0..<253_402_300_800_000_000).contains($0) ? $0 : nil }
  }

  private static func text(_ number: Int64?) -> String { number.map { "\($0)" } ?? "" }
}
