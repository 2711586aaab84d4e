internal import Core
internal import Glibc

extension MemcachedAddress {
  /// Connects. Resolving the name may take `milliseconds`, and so may connecting to each of its addresses.
  ///
  /// - Returns: the socket, which is the caller's to close; nil when nobody listens.
  func connect(milliseconds: Int, hostNames: HostNames) -> Int32? {
    switch self {
    case .socket(let path):
      return UnixSocketAddress(path: path)?.withPointer { Self.connect(AF_UNIX, $0, $1, milliseconds) }
    case .host(let name, let port):
      guard let addresses = try? hostNames.addresses(of: name, by: .after(milliseconds: milliseconds)) else {
        return nil
      }
      for address in addresses.isEmpty ? [name] : addresses {
        if let socket = Self.connect(address, port, milliseconds) { return socket }
      }
      hostNames.doubt(name)
      return nil
    }
  }

  private static func connect(_ address: String, _ port: Int, _ milliseconds: Int) -> Int32? {
    var wanted = addrinfo()
    wanted.ai_socktype = Int32(SOCK_STREAM.rawValue)
    wanted.ai_flags = AI_NUMERICHOST
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(address, String(port), &wanted, &found) == 0, let entry = found?.pointee else { return nil }
    defer { freeaddrinfo(found) }
    return connect(entry.ai_family, entry.ai_addr, entry.ai_addrlen, milliseconds)
  }

  private static func connect(
    _ family: Int32, _ name: UnsafePointer<sockaddr>?, _ length: socklen_t, _ milliseconds: Int
  ) -> Int32? {
    let socket = Glibc.socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard socket >= 0 else { return nil }
    if family != AF_UNIX {
      var yes: Int32 = 1
      setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
    }
    SocketTimeout.set(on: socket, milliseconds: milliseconds)
    guard Glibc.connect(socket, name, length) == 0 else {
      close(socket)
      return nil
    }
    return socket
  }
}
