internal import CMemcached
internal import Core
internal import Glibc

/// libmemcached's ketama ring, used only to find the server that a key lives on. It has no connections, so a server
/// that hangs can be left alone without moving the keys of the others.
final class MemcachedRing {
  private let library: MemcachedLibrary
  private let handle: UnsafeMutablePointer<memcached_st>

  init(_ addresses: [MemcachedAddress]) throws(LibraryFailure) {
    let library = try MemcachedLibrary()
    guard let handle = library.create(nil) else { throw LibraryFailure(MemcachedLibrary.name, "out of memory") }
    self.library = library
    self.handle = handle
    // From here on `deinit` frees the handle.
    _ = library.setBehavior(
      handle, MEMCACHED_BEHAVIOR_DISTRIBUTION, UInt64(MEMCACHED_DISTRIBUTION_CONSISTENT_KETAMA.rawValue))
    for address in addresses {
      let added =
        switch address {
        case .socket(let path): library.addUnixSocket(handle, path)
        case .host(let name, let port): library.addServer(handle, name, in_port_t(port))
        }
      guard added == MEMCACHED_SUCCESS else {
        throw LibraryFailure(MemcachedLibrary.name, "it does not take the addresses of the servers")
      }
    }
  }

  deinit { library.free(handle) }

  func index(of key: String) -> Int { Int(library.hash(handle, key, key.utf8.count)) }
}
