internal import CLinux
internal import Glibc

/// A look-up by the system's resolver. glibc does it in a thread of its own, which ends when it has been idle for a
/// second; no code of ours runs there.
final class SystemLookup: HostLookup {
  private let lookup: UnsafeMutablePointer<linernotes_gaicb>
  private let hints: UnsafeMutablePointer<addrinfo>
  private let name: UnsafeMutablePointer<CChar>?
  private let isUnderWay: Bool

  init(_ host: String) {
    lookup = .allocate(capacity: 1)
    hints = .allocate(capacity: 1)
    name = strdup(host)
    hints.initialize(to: addrinfo())
    // Otherwise every address comes once for each type of socket.
    hints.pointee.ai_socktype = Int32(SOCK_STREAM.rawValue)
    lookup.initialize(to: linernotes_gaicb())
    lookup.pointee.name = UnsafePointer(name)
    lookup.pointee.request = UnsafePointer(hints)
    var list: UnsafeMutablePointer<linernotes_gaicb>? = lookup
    isUnderWay = name != nil && linernotes_getaddrinfo_a(LINERNOTES_GAI_NOWAIT, &list, 1, nil) == 0
  }

  deinit {
    // "EAI_NOTCANCELED: The request has not been canceled." The thread still writes there, so that it must stay.
    if isUnderWay, linernotes_gai_cancel(lookup) == LINERNOTES_EAI_NOTCANCELED { return }
    if let result = lookup.pointee.result { freeaddrinfo(result) }
    free(name)
    hints.deallocate()
    lookup.deallocate()
  }

  func addresses(by deadline: Deadline) -> [String]? {
    guard isUnderWay else { return [] }
    while linernotes_gai_error(lookup) == LINERNOTES_EAI_INPROGRESS {
      guard deadline.beat() else { return nil }
      let milliseconds = min(deadline.millisecondsLeft, 500)
      guard milliseconds > 0 else { return nil }
      var timeout = timespec(tv_sec: 0, tv_nsec: milliseconds * 1_000_000)
      var list: UnsafeMutablePointer<linernotes_gaicb>? = lookup
      linernotes_gai_suspend(&list, 1, &timeout)
    }
    var found: [String] = []
    var next = linernotes_gai_error(lookup) == 0 ? lookup.pointee.result : nil
    while let entry = next {
      var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
      let status = getnameinfo(
        entry.pointee.ai_addr, entry.pointee.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
      let address = text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
      if status == 0 { found.append(String(decoding: address, as: UTF8.self)) }
      next = entry.pointee.ai_next
    }
    return found
  }
}
