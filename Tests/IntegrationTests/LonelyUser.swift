import Foundation
import Testing

/// What an unprivileged user has on a machine where nothing else is: a directory, the executable, and no network.
final class LonelyUser {
  let directory = FileManager.default.temporaryDirectory.appending(path: "linernotes-\(UUID().uuidString)").path
  let stack: Stack
  private let user: (id: Int, group: Int)

  init(_ stack: Stack = .content) throws {
    self.stack = stack
    let files = FileManager.default
    try files.createDirectory(atPath: directory, withIntermediateDirectories: true)
    // As root, the owner of the instance, who is nobody special.
    let owner = try files.attributesOfItem(atPath: try stack.value("POOL_SOCKET"))
    user = (try #require(owner[.ownerAccountID] as? Int), try #require(owner[.groupOwnerAccountID] as? Int))
    try #require(try Command.run("/usr/bin/chown", ["\(user.id):\(user.group)", directory]).status == 0)
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  /// In front of a command: another user, and an environment of nothing but `environment`.
  ///
  /// - Parameter network: whether there is one; only root can take it away.
  func command(_ environment: [String: String], network: Bool) -> [String] {
    let isRoot = getuid() == 0
    return (isRoot && !network ? ["unshare", "--net"] : [])
      + (isRoot ? ["setpriv", "--reuid", "\(user.id)", "--regid", "\(user.group)", "--clear-groups"] : [])
      + ["env", "-i", "-C", directory] + environment.map { "\($0)=\($1)" }
  }

  func run(_ environment: [String: String], network: Bool = false, _ arguments: [String]) throws -> Command.Result {
    try Command.run(
      "/usr/bin/env", command(environment, network: network) + [try stack.value("POOL_BINARY")] + arguments)
  }

  /// One request to a CGI script.
  func cgi(
    _ path: String, _ environment: [String: String], method: String = "GET", network: Bool = false
  ) throws -> (head: String, body: Data) {
    let parts = path.split(separator: "?", maxSplits: 1)
    let request = [
      "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": method, "SCRIPT_NAME": "/x", "PATH_INFO": String(parts[0]),
      "REQUEST_URI": "/x\(path)", "QUERY_STRING": parts.count > 1 ? String(parts[1]) : "", "REMOTE_ADDR": "127.0.0.1",
    ]
    let result = try run(environment.merging(request) { $1 }, network: network, [])
    try #require(result.status == 0, "\(path): \(result.error)")
    let end = try #require(result.output.firstRange(of: Data("\r\n\r\n".utf8)), "\(path): \(result.error)")
    return (
      String(decoding: result.output[..<end.lowerBound], as: UTF8.self), Data(result.output[end.upperBound...])
    )
  }

  /// The names of the files in a directory below, and their permissions in octal.
  func modes(_ name: String) throws -> [String: String] {
    let files = FileManager.default
    let path = "\(directory)/\(name)"
    return try Dictionary(
      uniqueKeysWithValues: ([""] + files.contentsOfDirectory(atPath: path)).map {
        let mode = try files.attributesOfItem(atPath: "\(path)/\($0)")[.posixPermissions] as? Int
        return ($0, String(mode ?? 0, radix: 8))
      })
  }
}
