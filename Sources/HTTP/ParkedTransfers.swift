internal import CCurl
internal import Core

/// Transfers that were under way when a client's patience ended. They stay in the multi handle and go on whenever the
/// fetcher runs, until somebody asks for the same again, which is usually right after the answer.
///
/// A transfer that nobody comes back for is dropped when its service's time-out is over, or when its connection or its
/// place is needed by something else.
final class ParkedTransfers {
  private let library: CurlLibrary
  private let multi: CurlLibrary.Handle
  /// The oldest first.
  private var transfers: [CurlTransfer] = []

  /// Each may hold an answer in memory and a connection open.
  private static let most = 32

  init(_ library: CurlLibrary, _ multi: CurlLibrary.Handle) {
    self.library = library
    self.multi = multi
  }

  deinit { dropAll() }

  func park(_ transfer: CurlTransfer) {
    dropExpired()
    if transfers.count >= ParkedTransfers.most { drop(at: 0) }
    transfers.append(transfer)
  }

  /// The transfer for an equal request, which is its caller's from now on.
  func adopt(_ exchange: HTTPExchange) -> CurlTransfer? {
    guard let index = transfers.firstIndex(where: { $0.answers(exchange.request) }) else { return nil }
    // Another service may expect its answers elsewhere.
    guard exchange.service.mayRedirect(to: transfers[index].origin) else {
      drop(at: index)
      return nil
    }
    return transfers.remove(at: index)
  }

  /// When the transfer for an equal request was begun, in monotonic nanoseconds; nil when there is none.
  func start(of request: HTTPRequest) -> UInt64? {
    dropExpired()
    return transfers.first { $0.answers(request) }?.firstStarted
  }

  /// Keeps what has become of a transfer for whoever comes back for it.
  func end(_ handle: CurlLibrary.Handle, _ code: CURLcode) {
    guard let index = transfers.firstIndex(where: { $0.handle == handle }) else { return }
    _ = library.multiRemove(multi, handle)
    transfers[index].code = code
    // That it took too long, or was cut off, is nothing to keep: it is asked again.
    if code != CURLE_OK { transfers.remove(at: index) }
  }

  /// How many connections to the origin they hold.
  func connections(to origin: Origin) -> Int {
    transfers.count { $0.code == nil && $0.origin == origin }
  }

  /// Drops the oldest transfer that holds a connection to the origin.
  func makeRoom(at origin: Origin) {
    if let index = transfers.firstIndex(where: { $0.code == nil && $0.origin == origin }) { drop(at: index) }
  }

  func dropExpired() {
    guard !transfers.isEmpty else { return }
    let now = Deadline.monotonicNanoseconds()
    for index in transfers.indices.reversed() where transfers[index].expires <= now { drop(at: index) }
  }

  func dropAll() {
    while !transfers.isEmpty { drop(at: transfers.count - 1) }
  }

  private func drop(at index: Int) {
    let transfer = transfers.remove(at: index)
    if transfer.code == nil { _ = library.multiRemove(multi, transfer.handle) }
  }
}
