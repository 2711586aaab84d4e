@preconcurrency internal import Glibc

/// A process that a CGI request leaves behind to work the queue: `linernotes crawl --queue`, in a session of its own. It
/// has none of the request's descriptors, which would keep the web server waiting, and none of its variables.
enum DetachedBuilder {
  private static let seconds = 300

  static func start() {
    var files = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&files)
    defer { posix_spawn_file_actions_destroy(&files) }
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0)
    for descriptor in Int32(1)...2 { posix_spawn_file_actions_addopen(&files, descriptor, "/dev/null", O_WRONLY, 0) }
    closeAllOnExec()
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    // Ignored by this process, and so by its children.
    var defaults = sigset_t()
    sigemptyset(&defaults)
    sigaddset(&defaults, SIGPIPE)
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF) | DetachedBuilder.ownSession)
    let words = ["linernotes", "crawl", "--queue", "--seconds", "\(seconds)"]
    let variables = Application.environment.filter { !isOfRequest($0.key) }.map { "\($0.key)=\($0.value)" }
    var arguments = words.map { strdup($0) } + [nil]
    var environment = variables.map { strdup($0) } + [nil]
    defer { for text in arguments + environment { free(text) } }
    var child = pid_t()
    // Nobody would read why it cannot be started; the queue waits.
    _ = posix_spawn(&child, "/proc/self/exe", &files, &attributes, &arguments, &environment)
  }

  /// This process needs none of them any more.
  private static func closeAllOnExec() {
    guard let folder = opendir("/proc/self/fd") else { return }
    defer { closedir(folder) }
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if let descriptor = Int32(name), descriptor > 2 { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    }
  }

  /// POSIX_SPAWN_SETSID, which glibc declares for _GNU_SOURCE only.
  private static let ownSession: Int16 = 0x80

  /// Whether a web server sets it for a request (RFC 3875, 4.1, and what Apache and lighttpd add). DOCUMENT_ROOT is the
  /// site's: no store may be below it.
  static func isOfRequest(_ name: String) -> Bool {
    if settings.contains(name) { return false }
    return names.contains(name) || prefixes.contains { name.hasPrefix($0) }
  }

  /// They only begin like one of a request.
  private static let settings: Set<String> = ["REQUEST_DEADLINE_MS", "SSL_CERT_FILE", "SSL_CERT_DIR"]
  private static let names: Set<String> = [
    "AUTH_TYPE", "GATEWAY_INTERFACE", "HTTPS", "PATH_INFO", "PATH_TRANSLATED", "QUERY_STRING", "UNIQUE_ID",
  ]
  private static let prefixes = [
    "CONTENT_", "CONTEXT_", "HTTP_", "REDIRECT_", "REMOTE_", "REQUEST_", "SCRIPT_", "SERVER_", "SSL_",
  ]
}
