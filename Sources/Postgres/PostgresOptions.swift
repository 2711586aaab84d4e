/// Where the database is and how to connect to it. What is nil is left to libpq: its environment, its password file.
public struct PostgresOptions: Sendable {
  /// Host names, addresses, or directories of unix sockets; tried in this order.
  public var hosts: [String]
  /// One port for all hosts, or one a host.
  public var ports: [Int]
  public var database: String
  public var user: String?
  public var password: String?
  /// libpq's `target_session_attrs`: `any`, `prefer-standby`, …
  public var targetSessionAttributes: String
  /// libpq's `sslmode`.
  public var sslMode: String
  /// How long one host may take to accept a connection.
  public var connectTimeoutMilliseconds: Int
  /// How long one answer may take at most, whatever the deadline. The server is told to give up when the time is over.
  public var commandTimeoutMilliseconds: Int
  /// Settings that every connection is opened with, beside the statement's time-out.
  public var serverSettings: [String: String] = [:]

  public init(
    hosts: [String], ports: [Int] = [5432], database: String, user: String? = nil, password: String? = nil,
    targetSessionAttributes: String = "any", sslMode: String = "prefer", connectTimeoutMilliseconds: Int = 2_000,
    commandTimeoutMilliseconds: Int = 30_000
  ) {
    self.hosts = hosts
    self.ports = ports
    self.database = database
    self.user = user
    self.password = password
    self.targetSessionAttributes = targetSessionAttributes
    self.sslMode = sslMode
    self.connectTimeoutMilliseconds = connectTimeoutMilliseconds
    self.commandTimeoutMilliseconds = commandTimeoutMilliseconds
  }
}

extension PostgresOptions: CustomStringConvertible, CustomDebugStringConvertible {
  /// Without the password.
  public var description: String { "PostgreSQL database \(database) on \(hosts.joined(separator: ", "))" }
  public var debugDescription: String { description }
}

extension PostgresOptions {
  /// One host to try. libpq would try a list of them by itself, but its asynchronous connecting enforces no time-out,
  /// so that the first host that hangs would take all the time there is.
  struct Attempt: Equatable {
    var host: String
    var port: Int?
    var sessionAttributes: String
    /// Where the host is, when its name has been resolved: libpq then does not. It still wants the name, for the
    /// certificate and the password file.
    var address: String?
  }

  /// The hosts in the order to try them. "Prefer" a standby means: any host that is one, and only then any host.
  var attempts: [Attempt] {
    let passes = targetSessionAttributes == "prefer-standby" ? ["standby", "any"] : [targetSessionAttributes]
    return passes.flatMap { attributes in
      hosts.enumerated().map { index, host in
        Attempt(
          host: host, port: ports.count == hosts.count ? ports[index] : ports.first, sessionAttributes: attributes)
      }
    }
  }

  /// libpq's keywords and values.
  func parameters(for attempt: Attempt) -> [(keyword: String, value: String)] {
    var parameters = [
      ("host", attempt.host),
      ("dbname", database),
      ("target_session_attrs", attempt.sessionAttributes),
      ("sslmode", sslMode),
      ("application_name", "linernotes"),
      ("client_encoding", "UTF8"),
      ("options", startupOptions),
    ]
    if let address = attempt.address { parameters.append(("hostaddr", address)) }
    if let port = attempt.port { parameters.append(("port", String(port))) }
    if let user { parameters.append(("user", user)) }
    if let password { parameters.append(("password", password)) }
    return parameters
  }

  /// The statement's time-out is for what is asked before a connection has been told a deadline's. In the value of
  /// `options` a backslash keeps a space from ending the setting.
  private var startupOptions: String {
    var settings = serverSettings
    settings["statement_timeout"] = "\(max(1, commandTimeoutMilliseconds))"
    return settings.sorted { $0.key < $1.key }
      .map { "-c \($0.key)=\($0.value.replacing(" ", with: "\\ "))" }
      .joined(separator: " ")
  }
}
