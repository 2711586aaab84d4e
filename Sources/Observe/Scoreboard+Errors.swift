internal import Core

/// What the workers of a pool have agreed on about reports of errors.
extension Scoreboard {
  /// Until when the tracker wants nothing.
  var silentUntil: UnixTime {
    get { UnixTime(seconds: Int64(clamping: header[Header.silentUntil])) }
    set { header[Header.silentUntil] = UInt64(clamping: newValue.seconds) }
  }

  var hasUnreportedDeath: Bool { header[Header.reported] != header[Header.deaths] }

  /// A death that nobody has reported, and nobody else will.
  func takeUnreportedDeath() -> Death? {
    while true {
      let (reported, deaths) = (header[Header.reported], header[Header.deaths])
      guard reported != deaths else { return nil }
      // Only the last ones are known.
      let kept = UInt64(ScoreboardLayout.mostDeaths)
      let next = deaths &- reported > kept ? deaths &- kept : reported
      let death = death(next)
      if header.exchange(Header.reported, from: reported, to: next &+ 1) { return death }
    }
  }

  /// Whether nobody of this pool has claimed the error lately; it then is this process's. When the table is full the
  /// oldest claim goes, so that an error may be reported too often, and never not at all.
  func claim(_ hash: UInt64, at now: UnixTime, seconds: Int64) -> Bool {
    let hash = max(1, hash)
    let table = header.part(from: Header.seen.start, count: Header.seen.count)
    let entries = table.count / 2
    let expires = UInt64(clamping: (now + max(0, seconds)).seconds)
    let current = UInt64(clamping: now.seconds)
    var place = 0
    for entry in 0..<entries {
      guard table[2 * entry] == hash else {
        if table[2 * entry + 1] < table[2 * place + 1] { place = entry }
        continue
      }
      let known = table[2 * entry + 1]
      // A time too far ahead was written before the clock was set back.
      guard known <= current || known > expires else { return false }
      return table.exchange(2 * entry + 1, from: known, to: expires)
    }
    let other = table[2 * place]
    guard table.exchange(2 * place, from: other, to: hash) else { return true }
    table[2 * place + 1] = expires
    return true
  }
}
