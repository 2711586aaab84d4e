internal import Core

/// Where things are in the scoreboard, in words.
///
/// Whoever maps one made by another version finds another fingerprint and leaves it alone.
enum ScoreboardLayout {
  static let magic: UInt64 = 0x6c69_6e65_726e_6f74

  /// Changes with the meaning of any word.
  static let version: UInt64 = 1
  static let fingerprint = FNV.hash(MetricCatalog.description.utf8, from: FNV.combine(FNV.start, version))

  enum Header {
    static let magic = 0
    static let fingerprint = 1
    static let slots = 2
    static let master = 3
    /// In Unix seconds.
    static let started = 4
    /// Odd while a dead worker's sums are moved.
    static let epoch = 5
    static let size = 6
    /// How many workers died of a signal, ended by themselves, were ended because they hung, and were replaced because
    /// they had served enough.
    static let crashed = 7
    static let ended = 8
    static let hung = 9
    static let recycled = 10
    /// Moves when logs are to be opened anew.
    static let logs = 11
    /// How many deaths have been noted, and how many somebody has reported.
    static let deaths = 12
    static let reported = 13
    /// Until when the error tracker wants nothing, in Unix seconds.
    static let silentUntil = 14
    /// When the sizes of caches were last asked for, in monotonic nanoseconds.
    static let sizesAsked = 15
    /// Processor time of workers that are gone, and the most that was ever told, in microseconds.
    static let deadCPU = 16
    static let toldCPU = 17
    static let socket = (start: 18, count: 14)
    static let program = (start: 32, count: 4)
    /// Errors that have been reported lately: a hash and when it may be reported again, 64 times.
    static let seen = (start: 40, count: 128)
    static let deathRing = (start: 168, count: mostDeaths * Death.words)
    static let words = 512
  }

  /// The last deaths are kept.
  static let mostDeaths = 8

  enum Death {
    static let time = 0
    static let pid = 1
    static let signal = 2
    static let position = 3
    static let requests = 4
    static let seconds = 5
    static let words = 8
  }

  enum Slot {
    /// 0: nobody's.
    static let pid = 0
    /// In Unix seconds.
    static let started = 1
    /// A packed ``Position``.
    static let position = 2
    /// Since when, and since when it has worked for the same, in monotonic nanoseconds.
    static let since = 3
    static let began = 4
    /// When it last showed that it does not hang, in monotonic nanoseconds.
    static let beat = 5
    static let requests = 6
    static let errors = 7
    /// How long a request may take, and how long work may go without a sign of life, in nanoseconds; 0: any time.
    static let longestRequest = 8
    static let longestSilence = 9
    /// In Unix seconds.
    static let errorTime = 10
    static let error = (start: 11, count: 17)
    static let words = 32
  }

  /// The words of one worker: its state and its metrics. The first such part holds the sums of the dead.
  static let slotWords = (Slot.words + MetricCatalog.words + 7) / 8 * 8

  static func words(slots: Int) -> Int { Header.words + slots * slotWords }
}
