public import Core

/// A pool at a moment, for people and for programs.
public struct PoolReport {
  private struct Worker {
    let state: WorkerState
    /// Of its own, in bytes; nil when it cannot be told.
    let memory: UInt64?
  }

  private let board: Scoreboard
  private let workers: [Worker]
  private let now: UnixTime

  public init(_ board: Scoreboard, now: UnixTime = .now) {
    self.board = board
    self.now = now
    workers = board.workers().map { Worker(state: $0, memory: ProcessFigures(pid: $0.pid)?.privateMemory) }
  }

  // MARK: - For people

  /// - Parameter width: how many characters a line may have; nil: any number.
  public func table(width: Int?) -> String {
    let losses = board.losses
    var text = """
      pool \(board.masterPID) on \(board.socket), version \(board.program), up \(PoolReport.words(now - board.started))
      workers: \(workers.count) (\(workers.count { $0.state.position.occupation != .none }) busy); \
      died of a signal: \(losses.crashed), ended: \(losses.ended), hung: \(losses.hung), replaced: \(losses.recycled)

      """
    let head = ["PID", "UP", "STAGE", "SINCE", "REQUESTS", "ERRORS", "MEMORY", "REQUEST", "LAST ERROR"]
    let rows = workers.map { worker in
      let state = worker.state
      return [
        "\(state.pid)", PoolReport.words(now - state.started), state.position.stageText,
        PoolReport.words(milliseconds: state.stageMilliseconds), "\(state.requests)", "\(state.errors)",
        worker.memory.map(PoolReport.megabytes) ?? "?",
        state.position.requestText.map { "\($0), \(PoolReport.words(milliseconds: state.workMilliseconds))" } ?? "-",
        state.lastErrorTime.map { "\(PoolReport.words(now - $0)) ago: \(state.lastError ?? "?")" } ?? "-",
      ]
    }
    let widths = head.indices.map { column in ([head] + rows).map { $0[column].count }.max() ?? 0 }
    for row in [head] + rows {
      var line = ""
      for (column, cell) in row.enumerated() {
        let isLast = column == row.count - 1
        line += isLast ? cell : cell + String(repeating: " ", count: widths[column] - cell.count + 2)
      }
      text += (width.map { String(line.prefix($0)) } ?? line) + "\n"
    }
    for death in board.deaths {
      let place = death.position.requestText.map { ", \($0)" } ?? ""
      let cause = death.signal == 0 ? "hung for \(death.seconds) s" : "died of \(death.cause)"
      text +=
        "\(PoolReport.words(now - death.time)) ago: worker \(death.pid) \(cause) in \(death.position.stageText)\(place), "
      text += "after \(death.requests) requests\n"
    }
    return text
  }

  /// `12s`, `5m`, `3h` or `2d`.
  private static func words(_ seconds: Int64) -> String {
    switch seconds {
    case ..<120: "\(max(0, seconds))s"
    case ..<7_200: "\(seconds / 60)m"
    case ..<172_800: "\(seconds / 3_600)h"
    default: "\(seconds / 86_400)d"
    }
  }

  private static func words(milliseconds: Int) -> String {
    milliseconds < 1_000 ? "\(milliseconds)ms" : words(Int64(milliseconds / 1_000))
  }

  private static func megabytes(_ bytes: UInt64) -> String {
    let tenths = bytes / (1 << 20) * 10 + bytes % (1 << 20) * 10 / (1 << 20)
    return "\(tenths / 10).\(tenths % 10)M"
  }

  // MARK: - For programs

  public static func json(_ reports: [PoolReport]) -> String {
    var json = JSONWriter()
    json.raw(#"{"pools":"#)
    json.array(reports) { $1.write(to: &$0) }
    json.raw("}")
    return String(decoding: json.bytes, as: UTF8.self)
  }

  private func write(to json: inout JSONWriter) {
    let losses = board.losses
    json.raw(#"{"pid":"#)
    json.integer(Int(board.masterPID))
    json.raw(#","socket":"#)
    json.string(board.socket)
    json.raw(#","version":"#)
    json.string(board.program)
    json.raw(#","started":"#)
    json.integer(Int(board.started.seconds))
    json.raw(#","losses":{"signal":"#)
    json.integer(Int(clamping: losses.crashed))
    json.raw(#","end":"#)
    json.integer(Int(clamping: losses.ended))
    json.raw(#","hang":"#)
    json.integer(Int(clamping: losses.hung))
    json.raw(#","recycled":"#)
    json.integer(Int(clamping: losses.recycled))
    json.raw(#"},"workers":"#)
    json.array(workers) { PoolReport.write($1, to: &$0) }
    json.raw(#","deaths":"#)
    json.array(board.deaths) { PoolReport.write($1, to: &$0) }
    json.raw("}")
  }

  private static func write(_ worker: Worker, to json: inout JSONWriter) {
    let state = worker.state
    json.raw(#"{"pid":"#)
    json.integer(Int(state.pid))
    json.raw(#","started":"#)
    json.integer(Int(state.started.seconds))
    write(state.position, to: &json)
    json.raw(#","stage_ms":"#)
    json.integer(state.stageMilliseconds)
    json.raw(#","request_ms":"#)
    if state.position.occupation == .request { json.integer(state.workMilliseconds) } else { json.raw("null") }
    json.raw(#","requests":"#)
    json.integer(Int(clamping: state.requests))
    json.raw(#","errors":"#)
    json.integer(Int(clamping: state.errors))
    json.raw(#","private_bytes":"#)
    if let memory = worker.memory { json.integer(Int(clamping: memory)) } else { json.raw("null") }
    json.raw(#","last_error":"#)
    json.string(state.lastErrorTime.map { _ in state.lastError ?? "" })
    json.raw(#","last_error_time":"#)
    if let time = state.lastErrorTime { json.integer(Int(time.seconds)) } else { json.raw("null") }
    json.raw("}")
  }

  private static func write(_ death: Death, to json: inout JSONWriter) {
    json.raw(#"{"time":"#)
    json.integer(Int(death.time.seconds))
    json.raw(#","pid":"#)
    json.integer(Int(death.pid))
    json.raw(#","cause":"#)
    json.string(death.cause)
    write(death.position, to: &json)
    json.raw(#","requests":"#)
    json.integer(Int(clamping: death.requests))
    json.raw("}")
  }

  private static func write(_ position: Position, to json: inout JSONWriter) {
    json.raw(#","stage":"#)
    json.string(position.stageText)
    json.raw(#","request":"#)
    json.string(position.requestText)
  }
}
