/// A value that is one of a few words.
public protocol SettingChoice: Sendable, Equatable, CaseIterable, RawRepresentable<String> {
  /// Other words that are read as one of these; in lower case.
  static var synonyms: [String: Self] { get }
}

extension SettingChoice {
  public static var synonyms: [String: Self] { [:] }

  /// Reads the word in any case.
  init?(word: String) {
    let word = word.lowercased()
    guard let choice = Self.allCases.first(where: { $0.rawValue.lowercased() == word }) ?? Self.synonyms[word] else {
      return nil
    }
    self = choice
  }
}

/// A named set of values that replaces some of the defaults.
public enum Preset: String, SettingChoice {
  case `default`, development, test, production

  /// Reads `production`, `ProductionConfig` and `lidarrmetadata.config.ProductionConfig` alike, in any case.
  init?(name: String) {
    var word = (name.split(separator: ".", omittingEmptySubsequences: false).last ?? "").lowercased()
    if word.hasSuffix("config") { word.removeLast("config".count) }
    self.init(word: word)
  }

  /// What the names of environment variables begin with that are meant for this preset alone.
  var prefix: String { rawValue.uppercased() + "CONFIG_" }
}

/// Who counts the requests that are sent to a provider.
public enum RateLimiter: String, SettingChoice {
  case none = "null"
  /// Each process for itself.
  case simple
  /// All processes together: in memcached, or the durable cache where there is none.
  case memcached

  public static let synonyms: [String: RateLimiter] = [
    "redis": .memcached, "redisratelimiter": .memcached, "simpleratelimiter": .simple, "nullratelimiter": .none,
  ]
}

/// libpq's `sslmode`.
public enum SSLMode: String, SettingChoice {
  case disable, allow, prefer, require
  case verifyCA = "verify-ca"
  case verifyFull = "verify-full"
}

/// libpq's `target_session_attrs`.
public enum TargetSessionAttributes: String, SettingChoice {
  case any
  case readWrite = "read-write"
  case readOnly = "read-only"
  case primary, standby
  case preferStandby = "prefer-standby"
}

/// The least serious message that is logged; the words are swift-log's.
public enum LogLevel: String, SettingChoice {
  case trace, debug, info, notice, warning, error, critical
}

/// The form of log lines.
public enum LogFormat: String, SettingChoice {
  case text, json
}

/// Where log lines go.
public enum LogTarget: String, SettingChoice {
  case standardError = "stderr"
  case file
  case systemLog = "syslog"
}

/// The least serious message of a module that is logged.
public struct LogModuleLevel: Sendable, Equatable {
  public var module: String
  public var level: LogLevel
}

/// Where core data comes from.
public enum MusicBrainzSource: String, SettingChoice {
  case database
  case webService = "webservice"
}

/// Who answers searches.
public enum SearchSource: String, SettingChoice {
  /// The index of our own, with others behind it.
  case automatic = "auto"
  case solr, database
  case webService = "webservice"
}

/// How Cloudflare is told what to purge.
public enum CloudflarePurge: String, SettingChoice {
  case automatic = "auto"
  case prefix
  case url
}
