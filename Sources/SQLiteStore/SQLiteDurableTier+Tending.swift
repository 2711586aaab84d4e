internal import Core
internal import SQLite

extension SQLiteDurableTier {
  /// How many uses are noted at once, at most and at least.
  private static let touchesAtOnce = 50
  private static let fewTouches = 20

  public var needsTending: Bool {
    file.needsCare || (touched.count >= SQLiteDurableTier.fewTouches && file.isWritable)
  }

  public func tend(whileNobodyWaits isSomebodyWaiting: () -> Bool) {
    noteUses(isSomebodyWaiting)
    if !isSomebodyWaiting() { file.care(whileNobodyWaits: isSomebodyWaiting) }
  }

  private func noteUses(_ isSomebodyWaiting: () -> Bool) {
    guard touchedGeneration == file.generation else { return touched = [:] }
    while !touched.isEmpty, !isSomebodyWaiting() {
      let batch = Array(touched.prefix(SQLiteDurableTier.touchesAtOnce))
      do throws(SourceError) {
        try file.write { connection throws(SQLiteFailure) in
          for (row, hour) in batch { try connection.run(StoreStatement.touch, [.int(hour), .int(row)]) }
        }
      } catch {
        // Not worth keeping: whoever reads them next notes it again.
        return touched = [:]
      }
      for (row, _) in batch { touched[row] = nil }
    }
  }
}
