internal import Core
internal import Gateway

/// What idle workers do, in turn.
extension FastCGIServer.SpareWork {
  /// - Returns: nil when there is nothing.
  static func all(_ work: [FastCGIServer.SpareWork]) -> FastCGIServer.SpareWork? {
    guard let interval = work.map(\.interval).min() else { return nil }
    // A look may cost a question to a store, and some are taken only now and then.
    var due: [FastCGIServer.SpareWork] = []
    return FastCGIServer.SpareWork(every: interval) {
      due = work.filter { $0.isThere() }
      return !due.isEmpty
    } run: { isSomebodyWaiting in
      for work in due where !isSomebodyWaiting() { work.run(isSomebodyWaiting) }
    }
  }
}
