import Core
import Foundation
import Testing

/// A shared host of a test's own: a customer's folder with what `deploy/cgi` says to upload, and a web server on a
/// loopback port that knows nothing else of us.
final class TestHost {
  enum Server: CaseIterable, Sendable {
    case apache, lighttpd
    /// Apache with mod_fcgid, where a process answers many requests.
    case fcgid
  }

  static let folder = "/music"
  static let secret = "a-secret-of-the-settings-file"

  let directory: String
  let port: Int
  private let server: Server
  /// The leader of a process group.
  private var process: pid_t = 0

  var site: Site { Site(url: "http://127.0.0.1:\(port)\(TestHost.folder)") }
  /// Above the folder of the API.
  var root: Site { Site(url: "http://127.0.0.1:\(port)") }

  /// - Parameters:
  ///   - stack: whose executable and servers are used.
  ///   - settings: what the settings file holds beside the databases.
  ///   - executable: a shell script to run in the executable's place, which it finds as `$0.real`.
  ///   - alone: without memcached and a cache in PostgreSQL, so that the store is the file that the script names.
  ///   - clients: whether the web server takes the address of a client from X-Forwarded-For, as behind a proxy.
  init(
    _ server: Server, stack: Stack, _ settings: [String: String] = [:], executable: String? = nil,
    clients: Bool = false,
    alone: Bool = false
  ) throws {
    self.server = server
    port = try TestNginx.freePort()
    directory = FileManager.default.temporaryDirectory.appending(path: "linernotes-host-\(UUID().uuidString)").path
    let files = FileManager.default
    for name in ["home/public_html\(TestHost.folder)", "home/linernotes", "server"] {
      try files.createDirectory(atPath: "\(directory)/\(name)", withIntermediateDirectories: true)
    }
    try upload(stack, settings, executable, alone)
    try files.copyItem(
      atPath: "\(TestHost.deploy)/lighttpd.conf", toPath: "\(directory)/server/linernotes.conf")
    try configuration(clients).write(toFile: "\(directory)/server/conf", atomically: false, encoding: .utf8)

    var command =
      server == .lighttpd
      ? ["lighttpd", "-D", "-f", "\(directory)/server/conf"]
      : ["apache2", "-f", "\(directory)/server/conf", "-D", "FOREGROUND"]
    // Nothing here needs root: as root, the owner of the instance runs it.
    if getuid() == 0 {
      let owner = try files.attributesOfItem(atPath: try stack.value("POOL_SOCKET"))
      let user = try #require(owner[.ownerAccountID] as? Int)
      let group = try #require(owner[.groupOwnerAccountID] as? Int)
      try #require(try Command.run("/usr/bin/chown", ["-R", "\(user):\(group)", directory]).status == 0)
      command = ["setpriv", "--reuid", "\(user)", "--regid", "\(group)", "--clear-groups"] + command
    }
    process = try start(command)
    for _ in 0..<500 where !isListening { usleep(20_000) }
    try #require(isListening, "\(server) does not listen: \(log)")
  }

  deinit {
    if process > 0 {
      var status: Int32 = 0
      kill(-process, SIGTERM)
      for _ in 0..<500 where waitpid(process, &status, WNOHANG) == 0 { usleep(20_000) }
      kill(-process, SIGKILL)
      waitpid(process, &status, 0)
    }
    try? FileManager.default.removeItem(atPath: directory)
  }

  /// Foundation's `Process` would do, but that a server inherits the signals that this thread has blocked, and Apache and
  /// lighttpd leave them so: nothing ends them then.
  private func start(_ command: [String]) throws -> pid_t {
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))
    var files = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&files)
    defer { posix_spawn_file_actions_destroy(&files) }
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_addopen(&files, 2, "\(directory)/server/stderr", O_WRONLY | O_CREAT, 0o600)
    var arguments = (["env"] + command).map { strdup($0) } + [nil]
    // No HOME.
    var environment = [strdup("PATH=/usr/sbin:/usr/bin:/sbin:/bin"), nil]
    defer { for text in arguments + environment { free(text) } }
    var process: pid_t = 0
    let result = posix_spawn(&process, "/usr/bin/env", &files, &attributes, &arguments, &environment)
    try #require(result == 0)
    return process
  }

  /// What the web server and the scripts have to say.
  var log: String {
    ["stderr", "error.log"].compactMap { try? String(contentsOfFile: "\(directory)/server/\($0)", encoding: .utf8) }
      .joined()
  }

  private var isListening: Bool { (try? LoopbackConnection(port: port))?.isOpen ?? false }

  private static let deploy =
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "deploy/cgi").path

  // MARK: - What a user does

  private var script: String { server == .fcgid ? "linernotes.fcgi" : "linernotes.cgi" }

  private func upload(_ stack: Stack, _ settings: [String: String], _ executable: String?, _ alone: Bool) throws {
    let files = FileManager.default
    let site = "\(directory)/home/public_html\(TestHost.folder)"
    let home = "\(directory)/home/linernotes"
    try files.copyItem(atPath: "\(TestHost.deploy)/linernotes.cgi", toPath: "\(site)/\(script)")
    try String(contentsOfFile: "\(TestHost.deploy)/htaccess", encoding: .utf8)
      .replacing("RewriteRule ^ linernotes.cgi", with: "RewriteRule ^ \(script)")
      .write(toFile: "\(site)/.htaccess", atomically: false, encoding: .utf8)
    if let executable {
      try files.createSymbolicLink(
        atPath: "\(home)/linernotes.real", withDestinationPath: try stack.value("POOL_BINARY"))
      try executable.write(toFile: "\(home)/linernotes", atomically: false, encoding: .utf8)
      try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(home)/linernotes")
    } else {
      try files.createSymbolicLink(atPath: "\(home)/linernotes", withDestinationPath: try stack.value("POOL_BINARY"))
    }
    var lines = stack.environment.filter { name, _ in
      name.hasPrefix("DATABASE__") || name.hasSuffix("BASE_URL")
        || (!alone && (name.hasPrefix("CACHE__") || name == "MEMCACHED_SERVERS"))
    }
    lines["SPOTIFY_CLIENT_SECRET"] = TestHost.secret
    lines.merge(settings) { $1 }
    let text = lines.map { "\($0): \"\($1)\"\n" }.joined()
    try text.write(toFile: "\(home)/settings.yml", atomically: false, encoding: .utf8)
    try files.setAttributes([.posixPermissions: 0o600], ofItemAtPath: "\(home)/settings.yml")
  }

  // MARK: - What the host has

  private func configuration(_ clients: Bool) -> String {
    server == .lighttpd ? lighttpd(clients) : apache(clients)
  }

  /// As Debian ships it, but for the paths.
  private func apache(_ clients: Bool) -> String {
    let modules = [
      "mpm_event", "authz_core", "dir", "env", "mime", "autoindex", "negotiation", "rewrite", "setenvif", "filter",
      "deflate", "remoteip", server == .fcgid ? "fcgid" : "cgid",
    ]
    let starting =
      server == .fcgid
      ? """
      FcgidIPCDir \(directory)/server/sockets
      FcgidProcessTableFile \(directory)/server/shm
      FcgidMaxProcesses 8
      """ : "ScriptSock cgid.sock"
    return """
      ServerRoot \(directory)/server
      ServerName localhost
      DefaultRuntimeDir \(directory)/server
      PidFile pid
      ErrorLog error.log
      Listen 127.0.0.1:\(port)
      Mutex file:\(directory)/server default
      \(modules.map { "LoadModule \($0)_module /usr/lib/apache2/modules/mod_\($0).so" }.joined(separator: "\n"))
      \(starting)
      TypesConfig /dev/null
      DirectoryIndex index.html index.cgi
      AddOutputFilterByType DEFLATE text/html text/plain application/json
      DocumentRoot \(directory)/home/public_html
      <Directory />
        AllowOverride None
        Require all denied
      </Directory>
      <Directory \(directory)/home/public_html>
        Options Indexes FollowSymLinks
        AllowOverride All
        Require all granted
      </Directory>
      <FilesMatch "^\\.ht">
        Require all denied
      </FilesMatch>
      \(clients ? "RemoteIPHeader X-Forwarded-For\nRemoteIPInternalProxy 127.0.0.1" : "")
      """
  }

  private func lighttpd(_ clients: Bool) -> String {
    """
    server.modules = ( "mod_access", "mod_dirlisting", "mod_extforward" )
    server.document-root = "\(directory)/home/public_html"
    server.bind = "127.0.0.1"
    server.port = \(port)
    server.errorlog = "\(directory)/server/error.log"
    server.upload-dirs = ( "\(directory)/server" )
    server.http-parseopts = (
      "header-strict" => "enable", "host-strict" => "enable", "host-normalize" => "enable",
      "url-normalize-unreserved" => "enable", "url-normalize-required" => "enable", "url-ctrls-reject" => "enable",
      "url-path-2f-decode" => "enable", "url-path-dotseg-remove" => "enable",
    )
    index-file.names = ( "index.html" )
    url.access-deny = ( "~", ".inc" )
    dir-listing.activate = "enable"
    mimetype.assign = ( ".html" => "text/html", "" => "application/octet-stream" )
    \(clients ? #"extforward.forwarder = ( "127.0.0.1" => "trust" )"# : "")
    extforward.headers = ( "X-Forwarded-For" )
    include "\(directory)/server/linernotes.conf"
    """
  }
}
