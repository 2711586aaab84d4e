internal import CMemcached
internal import Core

/// libmemcached, opened when a key has to be looked for among several servers.
struct MemcachedLibrary {
  static let name = SharedLibrary.Name(
    "libmemcached", files: ["libmemcached.so.11"], debianPackage: "libmemcached11")

  let create: linernotes_memcached_create
  let free: linernotes_memcached_free
  let setBehavior: linernotes_memcached_behavior_set
  let addServer: linernotes_memcached_server_add
  let addUnixSocket: linernotes_memcached_server_add_unix_socket
  let hash: linernotes_memcached_generate_hash

  init() throws(LibraryFailure) {
    let library = try SharedLibrary(MemcachedLibrary.name)
    create = try library.function("memcached_create")
    free = try library.function("memcached_free")
    setBehavior = try library.function("memcached_behavior_set")
    addServer = try library.function("memcached_server_add")
    addUnixSocket = try library.function("memcached_server_add_unix_socket")
    hash = try library.function("memcached_generate_hash")
  }
}
