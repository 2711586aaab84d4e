internal import Glibc

/// The addresses of hosts. `getaddrinfo` blocks for as long as the resolver takes; here nobody waits beyond the
/// deadline.
///
/// What was found is used for half a minute. After that the name is looked up again, and the old addresses serve while
/// the resolver is slow or away.
public final class HostNames {
  public enum Failure: Error, Equatable {
    case noSuchHost
    case timedOut
  }

  private struct Known {
    var addresses: [String]
    /// Until when they are used without asking again, in monotonic nanoseconds.
    var freshUntil: UInt64
  }

  private var known: [String: Known] = [:]
  /// At most one look-up a name. One that hangs is asked for its answer again next time.
  private var pending: [String: any HostLookup] = [:]
  private let lookUp: (String) -> any HostLookup
  private let now: () -> UInt64

  private static let freshNanoseconds: UInt64 = 30_000_000_000
  /// How long to wait for new addresses where there are old ones.
  private static let patienceMilliseconds = 100

  public init(
    now: @escaping () -> UInt64 = Deadline.monotonicNanoseconds,
    lookUp: @escaping (String) -> any HostLookup
  ) {
    self.now = now
    self.lookUp = lookUp
  }

  /// Asks the system's resolver.
  public convenience init() { self.init(lookUp: { SystemLookup($0) }) }

  /// The addresses of `host` in the order to try them. Empty for what needs no look-up: an address, the directory of a
  /// socket, no host at all.
  public func addresses(of host: String, by deadline: Deadline) throws(Failure) -> [String] {
    guard HostNames.isName(host) else { return [] }
    let old = known[host]
    if let old, now() < old.freshUntil { return old.addresses }
    let lookup = pending[host] ?? lookUp(host)
    pending[host] = lookup
    let patience = old == nil ? deadline : deadline.orAfter(milliseconds: HostNames.patienceMilliseconds)
    if let found = lookup.addresses(by: patience) {
      pending[host] = nil
      if !found.isEmpty {
        known[host] = Known(addresses: found, freshUntil: now() + HostNames.freshNanoseconds)
        return found
      }
      if old == nil { throw .noSuchHost }
    }
    guard let old else { throw .timedOut }
    return old.addresses
  }

  /// Has the name looked up again next time, because nothing answers at its addresses.
  public func doubt(_ host: String) { known[host]?.freshUntil = 0 }

  private static func isName(_ host: String) -> Bool {
    guard let first = host.utf8.first, first != UInt8(ascii: "/"), first != UInt8(ascii: "@") else { return false }
    var address = in_addr()
    return !host.contains(":") && inet_pton(AF_INET, host, &address) != 1
  }
}

/// A look-up of a host name that is under way.
public protocol HostLookup: AnyObject {
  /// The addresses, none if there is no such host; nil if that is not known by the deadline.
  func addresses(by deadline: Deadline) -> [String]?
}
