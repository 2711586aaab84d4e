public import Glibc

/// The name of a unix socket in the form that `bind` and `connect` take.
public struct UnixSocketAddress: Sendable {
  private var address = sockaddr_un()

  /// The longest name, in bytes.
  public static let longestPath = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1

  /// - Returns: nil for a path that is too long.
  public init?(path: String) {
    guard path.utf8.count <= UnixSocketAddress.longestPath else { return nil }
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
  }

  public func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }
}
