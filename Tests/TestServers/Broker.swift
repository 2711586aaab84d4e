internal import Foundation

/// A RabbitMQ broker of its own: an ordinary user's, in a directory of its own, on ports of loopback. It takes ten
/// seconds to start, so a test process starts one. It ends with the process.
public final class Broker: Sendable {
  public let port: Int
  /// Where it speaks TLS, with a certificate of `localhost` that is in ``certificate``.
  public let securePort: Int
  public let certificate: String
  public let host = "127.0.0.1"
  public let user = "guest"
  public let password = "guest"
  /// What `rabbitmqctl` has to be told to reach it.
  public let environment: [String: String]
  private let directory: URL
  nonisolated(unsafe) private var names: Process
  nonisolated(unsafe) private var node: Process
  private let lock = NSLock()

  public static let isInstalled = !servers.isEmpty

  /// The broker of this process.
  public static func shared() throws -> Broker { try started.get() }

  private static let started = Result { try Broker() }
  private static var servers: [String] {
    let folder = "/usr/lib/rabbitmq/lib"
    let versions = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return versions.sorted().map { "\(folder)/\($0)/sbin" }
      .filter { FileManager.default.isExecutableFile(atPath: "\($0)/rabbitmq-server") }
  }

  public struct Failure: Error, CustomStringConvertible {
    public var description: String
  }

  private init() throws {
    guard let programs = Broker.servers.last else { throw Failure(description: "no rabbitmq-server") }
    // Whatever an ordinary user may enter; its path is no secret, its contents are that user's alone.
    directory = URL(fileURLWithPath: "/tmp/linernotes-broker-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
    try "[].".write(to: directory.appending(path: "plugins"), atomically: true, encoding: .utf8)
    certificate = directory.appending(path: "certificate.pem").path
    let ports = try Broker.freePorts(4)
    (port, securePort) = (ports[0], ports[3])
    try Broker.makeCertificate(in: directory)
    try """
    listeners.ssl.default = 127.0.0.1:\(ports[3])
    ssl_options.certfile = \(certificate)
    ssl_options.keyfile = \(directory.path)/key.pem
    """.write(to: directory.appending(path: "broker.conf"), atomically: true, encoding: .utf8)
    if geteuid() == 0 { chown(directory.path, Broker.nobody, Broker.nobody) }
    chmod(directory.path, 0o700)
    environment = [
      "PATH": "/usr/lib/erlang/bin:\(programs):/usr/sbin:/usr/bin:/sbin:/bin", "HOME": directory.path,
      "LANG": "C.UTF-8",
      "RABBITMQ_NODENAME": "ln\(ports[0])@localhost", "RABBITMQ_NODE_IP_ADDRESS": host,
      "RABBITMQ_NODE_PORT": "\(ports[0])", "RABBITMQ_DIST_PORT": "\(ports[1])", "ERL_EPMD_ADDRESS": host,
      "ERL_EPMD_PORT": "\(ports[2])", "RABBITMQ_MNESIA_BASE": directory.appending(path: "data").path,
      "RABBITMQ_LOG_BASE": directory.appending(path: "log").path,
      "RABBITMQ_ENABLED_PLUGINS_FILE": directory.appending(path: "plugins").path,
      "RABBITMQ_CONFIG_FILE": directory.appending(path: "broker.conf").path, "RABBITMQ_CONF_ENV_FILE": "/dev/null",
      "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1} +S 2:2",
    ]
    names = Broker.process("/usr/bin/epmd", ["-address", host, "-port", "\(ports[2])"], environment, directory)
    node = Broker.process("\(programs)/rabbitmq-server", [], environment, directory)
    try names.run()
    // A node that finds nobody there does not start.
    for _ in 0..<100 where !Broker.listens(on: ports[2]) { usleep(50_000) }
    try node.run()
    atexit { if case .success(let broker) = Broker.started { broker.remove() } }
    try awaitStart(seconds: 90)
  }

  private static let nobody: UInt32 = 65_534
  private static let asOrdinaryUser =
    geteuid() == 0 ? ["setpriv", "--reuid=\(nobody)", "--regid=\(nobody)", "--clear-groups"] : ["env"]

  /// Ends what it runs when the process that started it has gone, however that went.
  private static let watch = """
    watched=$1; shift
    setsid "$@" & group=$!
    while kill -0 "$watched" && kill -0 "$group"; do sleep 1; done 2>/dev/null
    kill -KILL "-$group" 2>/dev/null
    kill -0 "$watched" 2>/dev/null || rm -rf "$PWD"
    """

  /// A program that runs as an ordinary user.
  private static func process(
    _ program: String, _ arguments: [String], _ environment: [String: String], _ directory: URL
  ) -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", watch, "watch", "\(getpid())"] + asOrdinaryUser + [program] + arguments
    process.environment = environment
    process.currentDirectoryURL = directory
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    return process
  }

  private static func makeCertificate(in directory: URL) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
      "subjectAltName=DNS:localhost", "-keyout", "key.pem", "-out", "certificate.pem",
    ]
    process.currentDirectoryURL = directory
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failure(description: "openssl makes no certificate") }
    let key = directory.appending(path: "key.pem").path
    if geteuid() == 0 { chown(key, nobody, nobody) }
  }

  private static func freePorts(_ count: Int) throws -> [Int] {
    var (sockets, ports): ([Int32], [Int]) = ([], [])
    defer { for socket in sockets { close(socket) } }
    for _ in 0..<count {
      let socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      sockets.append(socket)
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
      var length = socklen_t(MemoryLayout<sockaddr_in>.size)
      let isBound = withUnsafeMutableBytes(of: &address) { bytes in
        guard let pointer = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return false }
        return bind(socket, pointer, length) == 0 && getsockname(socket, pointer, &length) == 0
      }
      guard isBound else { throw Failure(description: "no loopback socket") }
      ports.append(Int(UInt16(bigEndian: address.sin_port)))
    }
    return ports
  }

  private static func listens(on port: Int) -> Bool {
    let socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    address.sin_port = UInt16(port).bigEndian
    return withUnsafeBytes(of: &address) { bytes in
      guard let pointer = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return false }
      return connect(socket, pointer, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
    }
  }

  // MARK: - What becomes of it

  /// What a watcher runs, and whatever that has started.
  private static func descendants(of process: Process) -> [pid_t] {
    var all = [process.processIdentifier]
    var index = 0
    while index < all.count {
      let path = "/proc/\(all[index])/task/\(all[index])/children"
      let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
      all += text.split(separator: " ").compactMap { pid_t($0) }
      index += 1
    }
    return Array(all.dropFirst())
  }

  private func signal(_ number: Int32) { for process in Broker.descendants(of: node) { kill(process, number) } }

  public func pause() { signal(SIGSTOP) }
  public func resume() { signal(SIGCONT) }

  /// Ends it and starts it again, with what was to survive.
  public func restart() throws {
    try lock.withLock {
      stop()
      guard let program = Broker.servers.last else { return }
      node = Broker.process("\(program)/rabbitmq-server", [], environment, directory)
      try node.run()
      try awaitStart(seconds: 90)
    }
  }

  /// It is away until ``restart()``.
  public func stop() {
    signal(SIGKILL)
    node.waitUntilExit()
  }

  private func remove() {
    stop()
    for process in Broker.descendants(of: names) { kill(process, SIGKILL) }
    names.waitUntilExit()
    try? FileManager.default.removeItem(at: directory)
  }

  private func awaitStart(seconds: Int) throws {
    for _ in 0..<(seconds * 5) {
      if !node.isRunning { break }
      if (try? evaluate("rabbit:is_running()")) == "{ok, true}" { return }
      usleep(200_000)
    }
    throw Failure(description: "the broker does not start")
  }

  // MARK: - Asking it

  /// Has it evaluate Erlang, and returns what that is: `{ok, …}`. `rabbitmqctl` would take seconds each time.
  @discardableResult
  public func evaluate(_ expression: String) throws -> String {
    let (status, output) = try run(
      "sh", ["-c", #"printf '%s.\n' "$1" | erl_call -timeout 10 -n "$RABBITMQ_NODENAME" -e"#, "sh", expression])
    guard status == 0, output.hasPrefix("{ok, ") else { throw Failure(description: "\(expression): \(output)") }
    return output
  }

  /// Makes a virtual host, where its own user may do everything.
  public func addVirtualHost(_ name: String) throws {
    try evaluate("rabbit_vhost:add(<<\"\(name)\">>, <<\"t\">>)")
    try permit(user, in: name, configure: ".*", write: ".*", read: ".*")
  }

  public func addUser(_ name: String, password: String) throws {
    try evaluate("rabbit_auth_backend_internal:add_user(<<\"\(name)\">>, <<\"\(password)\">>, <<\"t\">>)")
  }

  /// What a user may do: patterns of names.
  public func permit(
    _ user: String, in virtualHost: String, configure: String, write: String, read: String
  ) throws {
    let patterns = [configure, write, read].map { "<<\"\($0)\">>" }.joined(separator: ", ")
    try evaluate(
      "rabbit_auth_backend_internal:set_permissions(<<\"\(user)\">>, <<\"\(virtualHost)\">>, \(patterns), <<\"t\">>)")
  }

  /// How many messages a queue holds, those that were delivered and not acknowledged included; 0 without such a queue.
  public func count(_ queue: String, in virtualHost: String) throws -> Int {
    let output = try evaluate(
      "lists:sum([proplists:get_value(messages, I) || I <- rabbit_amqqueue:info_all(<<\"\(virtualHost)\">>, "
        + "[name, messages]), element(4, proplists:get_value(name, I)) =:= <<\"\(queue)\">>])")
    return Int(output.filter(\.isNumber)) ?? 0
  }

  public func deleteQueue(_ queue: String, in virtualHost: String) throws {
    try evaluate(
      "{ok, Q} = rabbit_amqqueue:lookup(rabbit_misc:r(<<\"\(virtualHost)\">>, queue, <<\"\(queue)\">>)), "
        + "rabbit_amqqueue:delete(Q, false, false, <<\"t\">>)")
  }

  /// Runs a program as the user that the broker is, which knows how to reach it.
  public func run(
    _ program: String, _ arguments: [String], _ more: [String: String] = [:]
  ) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = Broker.asOrdinaryUser + [program] + arguments
    process.environment = environment.merging(more) { $1 }
    process.currentDirectoryURL = directory
    let pipe = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }
}
