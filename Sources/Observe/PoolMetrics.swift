internal import Core
internal import Glibc

/// What `/metrics` shows: the sums of all workers, and what is found out when somebody asks.
public final class PoolMetrics {
  /// Sizes that only a store knows.
  public struct Sizes: Sendable {
    public struct Tier: Sendable {
      public var name: String
      public var items: UInt64?
      public var bytes: UInt64?

      public init(name: String, items: UInt64?, bytes: UInt64?) {
        self.name = name
        self.items = items
        self.bytes = bytes
      }
    }

    public var tiers: [Tier] = []
    /// nil where there is no queue, or it cannot be asked.
    public var waiting: UInt64?
    public var secondsLeft: UInt64?

    public init() {}
  }

  private let board: Scoreboard
  private let version: String
  private let sizes: () -> Sizes

  init(_ board: Scoreboard, version: String, sizes: @escaping () -> Sizes) {
    self.board = board
    self.version = version
    self.sizes = sizes
  }

  public static let contentType = PrometheusText.contentType

  public func text() -> String {
    let sums = board.sums()
    let sizes = sizes()
    let workers = board.workers()
    let (figures, cpu) = processes()
    var text = PrometheusText()
    for family in MetricCatalog.families {
      if family.isKept {
        PoolMetrics.write(family, sums, to: &text)
        continue
      }
      let samples = samples(of: family, sums, sizes, workers, figures, cpu)
      guard !samples.isEmpty else { continue }
      text.begin(family)
      for sample in samples {
        text.sample(
          family.name, zip(family.labels, sample.labels).map { (name: $0, value: $1) }, sample.value)
      }
    }
    return text.text
  }

  private static func write(_ family: MetricFamily, _ sums: [UInt64], to text: inout PrometheusText) {
    text.begin(family)
    for (series, start) in MetricCatalog.series(of: family) {
      let labels = zip(family.labels, series.labels).map { (name: $0, value: $1) }
      guard case .histogram(let bounds) = family.kind else {
        text.sample(family.name, labels, .count(sums[start]))
        continue
      }
      let words = sums[start..<(start + family.wordsPerSeries)]
      // Most routes never answer with most statuses.
      if words.contains(where: { $0 > 0 }) { text.histogram(family, labels, bounds: bounds, words: words) }
    }
  }

  private typealias Sample = (labels: [String], value: PrometheusValue)

  private func samples(
    of family: MetricFamily, _ sums: [UInt64], _ sizes: Sizes, _ workers: [WorkerState], _ figures: [ProcessFigures],
    _ cpu: UInt64
  ) -> [Sample] {
    func total(_ value: (ProcessFigures) -> UInt64) -> [Sample] {
      [([], .count(figures.reduce(0) { $0 &+ value($1) }))]
    }
    switch family.name {
    case "linernotes_http_requests_total":
      return MetricCatalog.series(of: MetricCatalog.requestDuration).map { series, start in
        (series.labels, .count(MetricCatalog.count(MetricCatalog.requestDuration, sums, start)))
      }
    case "linernotes_build_info": return [([version], .count(1))]
    case "linernotes_workers":
      let busy = workers.filter { $0.position.occupation != .none }.count
      return [(["busy"], .count(UInt64(busy))), (["idle"], .count(UInt64(workers.count - busy)))]
    case "linernotes_worker_losses_total":
      let losses = board.losses
      return [
        (["signal"], .count(losses.crashed)), (["end"], .count(losses.ended)), (["hang"], .count(losses.hung)),
        (["recycled"], .count(losses.recycled)),
      ]
    case "linernotes_cache_items":
      return sizes.tiers.compactMap { tier in tier.items.map { ([tier.name], .count($0)) } }
    case "linernotes_cache_size_bytes":
      return sizes.tiers.compactMap { tier in tier.bytes.map { ([tier.name], .count($0)) } }
    case "linernotes_queue_waiting": return sizes.waiting.map { [([], .count($0))] } ?? []
    case "linernotes_queue_seconds_left": return sizes.secondsLeft.map { [([], .count($0))] } ?? []
    case "process_cpu_seconds_total": return [([], .nanoseconds(cpu &* 1_000))]
    case "process_resident_memory_bytes": return total(\.proportionalMemory)
    case "process_virtual_memory_bytes": return total(\.virtualMemory)
    case "process_open_fds": return total(\.descriptors)
    case "process_max_fds":
      var limit = rlimit()
      return getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
        ? [([], .count(UInt64(limit.rlim_cur)))] : []
    case "process_start_time_seconds": return [([], .count(UInt64(clamping: board.started.seconds)))]
    default: return []
    }
  }

  /// The figures of all processes of the pool, and its processor time, which never falls.
  private func processes() -> ([ProcessFigures], UInt64) {
    let (figures, sum) = board.consistently {
      let pids = [board.masterPID] + board.workers().map(\.pid)
      let figures = pids.compactMap { ProcessFigures(pid: $0) }
      return (figures, figures.reduce(board.deadCPU) { $0 &+ $1.cpu })
    }
    return (figures, board.tellCPU(sum))
  }
}

extension Scoreboard {
  var deadCPU: UInt64 { header[Header.deadCPU] }

  /// The kernel rounds while a process lives, and somebody may have been told more.
  func tellCPU(_ sum: UInt64) -> UInt64 {
    while true {
      let told = header[Header.toldCPU]
      // What is far beyond has been written by a worker that has gone wrong.
      guard sum > told || told &- sum > 1 << 40 else { return told }
      if header.exchange(Header.toldCPU, from: told, to: sum) { return sum }
    }
  }
}
