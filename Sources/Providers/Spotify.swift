public import Cache
public import Core
internal import HTTP
public import Metadata
public import Settings

/// Spotify's API with client credentials, and its tokens for users who sign in through us.
public final class Spotify: SpotifyService {
  public struct Options: Sendable {
    public var clientID: String
    public var clientSecret: String
    public var redirectURL: String?
    public var baseURL: String
    public var tokenURL: String
    public var timeoutMilliseconds: Int

    public init(
      clientID: String, clientSecret: String, redirectURL: String?, baseURL: String, tokenURL: String,
      timeoutMilliseconds: Int = 5_000
    ) {
      self.clientID = clientID
      self.clientSecret = clientSecret
      self.redirectURL = redirectURL
      self.baseURL = baseURL
      self.tokenURL = tokenURL
      self.timeoutMilliseconds = timeoutMilliseconds
    }

    /// - Returns: nil without credentials.
    public init?(_ settings: Settings) {
      guard let id = settings.spotify.clientID, let secret = settings.spotify.clientSecret else { return nil }
      self.init(
        clientID: id, clientSecret: secret.value, redirectURL: settings.spotify.redirectURL,
        baseURL: settings.spotify.baseURL, tokenURL: settings.spotify.tokenURL)
    }
  }

  /// How many requests it takes in RATE_LIMIT_WINDOW.
  static func limit(_ settings: Settings) -> Int? { settings.rateLimit.spotify }

  private let options: Options
  private let client: ProviderClient
  private let shared: (any CacheTier)?
  private let memory = MemoryTier(limit: 4096)
  private let tokenKey: String
  private let api: HTTPService
  private let accounts: HTTPService

  public static let name = "spotify"
  /// A token is not used for the last part of its life, which it might not survive on its way.
  private static let tokenMargin: Int64 = 60
  /// How long a token may live, in seconds. An hour is usual.
  private static let lives = 0...31_536_000

  /// - Parameter shared: where the pool keeps the one token that all of it uses.
  public init(_ options: Options, client: ProviderClient, shared: (any CacheTier)?, namespace: String) {
    self.options = options
    self.client = client
    self.shared = shared
    tokenKey = "\(CacheKey.safe(namespace)):spotify-token"
    api = HTTPService(
      origins: Set([Origin(of: options.baseURL)].compactMap(\.self)),
      timeoutMilliseconds: options.timeoutMilliseconds)
    accounts = HTTPService(
      origins: Set([Origin(of: options.tokenURL)].compactMap(\.self)),
      timeoutMilliseconds: options.timeoutMilliseconds, longestBody: 64 << 10)
  }

  public func work(
    _ kind: EntityID.Kind, _ id: SpotifyID, by deadline: Deadline
  ) throws(ServiceError) -> SpotifyWork? {
    let path = kind == .artist ? "artists/\(id)/top-tracks?market=US" : "albums/\(id)"
    guard let answer = try get(path, by: deadline) else { return nil }
    guard let json = JSONValue(answer.utf8Body), json.isObject else { throw .unavailable }
    return switch kind {
    case .album: Spotify.work(album: json)
    case .artist: Spotify.work(topTracks: json, of: id)
    }
  }

  static func work(album: JSONValue, by artist: JSONValue? = nil) -> SpotifyWork? {
    let artist = artist ?? album["artists"][0]
    guard let title = album["name"].name, let albumID = album["id"].text.flatMap({ SpotifyID($0) }),
      let name = artist["name"].name, let artistID = artist["id"].text.flatMap({ SpotifyID($0) })
    else { return nil }
    return SpotifyWork(artist: name, artistID: artistID, album: title, albumID: albumID)
  }

  /// The first album of the most popular tracks that is the artist's own: many are others', on which they are guests.
  static func work(topTracks: JSONValue, of id: SpotifyID) -> SpotifyWork? {
    topTracks["tracks"].elements.lazy.compactMap { track in
      // Older answers do not say whose the album is; then it is the track's.
      work(album: track["album"], by: track["album"]["artists"].isArray ? nil : track["artists"][0])
    }.first { $0.artistID == id }
  }

  /// - Returns: nil when there is no such thing.
  private func get(_ path: String, by deadline: Deadline) throws(ServiceError) -> HTTPResponse? {
    // A token may have been revoked before its time: once more with a new one, and that is it.
    for isSecondTry in [false, true] {
      let token = try token(by: deadline)
      let request = HTTPRequest("\(options.baseURL)/\(path)", headers: ["Authorization: Bearer \(token)"])
      guard let answer = client.ask(Spotify.name, request, api, by: deadline) else { throw .unavailable }
      switch answer.status {
      case 200: return answer
      // A malformed id is 400, one that does not exist 404.
      case 400, 404: return nil
      case 401 where !isSecondTry: tier.delete(tokenKey)
      default: throw .unavailable
      }
    }
    throw .unavailable
  }

  // MARK: - Tokens

  private func token(by deadline: Deadline) throws(ServiceError) -> String {
    if let known = tier.get([tokenKey])[0] { return String(decoding: known, as: UTF8.self) }
    let json = try tokens(["grant_type": "client_credentials"], by: deadline)
    guard let token = json["access_token"].text, Spotify.isPlain(token) else { throw .unavailable }
    let life = Int64(json["expires_in"].int(in: Spotify.lives) ?? 0) - Spotify.tokenMargin
    if life > 0 { tier.set([CacheItem(tokenKey, Array(token.utf8), lifetime: life)]) }
    return token
  }

  public func tokens(forCode code: String, by deadline: Deadline) throws(ServiceError) -> SpotifyTokens {
    let json = try tokens(
      ["grant_type": "authorization_code", "code": code, "redirect_uri": options.redirectURL ?? ""], by: deadline)
    guard let access = json["access_token"].text else { throw .unavailable }
    return SpotifyTokens(
      access: access, seconds: json["expires_in"].int(in: Spotify.lives) ?? 0, refresh: json["refresh_token"].text ?? ""
    )
  }

  public func renewal(of refreshToken: String, by deadline: Deadline) throws(ServiceError) -> [UInt8] {
    try answer(["grant_type": "refresh_token", "refresh_token": refreshToken], by: deadline)
  }

  private func tokens(_ fields: [String: String], by deadline: Deadline) throws(ServiceError) -> JSONValue {
    guard let json = JSONValue(try answer(fields, by: deadline)) else { throw .unavailable }
    return json
  }

  /// The token host's answer, which is a JSON object.
  private func answer(_ fields: [String: String], by deadline: Deadline) throws(ServiceError) -> [UInt8] {
    var fields = fields
    fields["client_id"] = options.clientID
    fields["client_secret"] = options.clientSecret
    let form = fields.sorted { $0.key < $1.key }.map { "\($0.key)=\(URLText.encoded($0.value))" }
    let request = HTTPRequest(options.tokenURL, form: Array(form.joined(separator: "&").utf8))
    guard let answer = client.ask(Spotify.name, request, accounts, by: deadline) else { throw .unavailable }
    let json = JSONValue(answer.utf8Body)
    guard answer.status == 200 else {
      // The token host's `error` is a word, the API's an object.
      let reason = json?["error_description"].text ?? json?["error"].text ?? json?["error"]["message"].text
      throw .refused(status: answer.status, message: reason ?? "refused")
    }
    guard let json, json.isObject else { throw .unavailable }
    return answer.utf8Body
  }

  /// Whether it can stand in a header.
  private static func isPlain(_ token: String) -> Bool {
    !token.isEmpty && token.utf8.count < 4096 && token.utf8.allSatisfy { (0x21...0x7e).contains($0) }
  }

  private var tier: any CacheTier { shared.orWhileAway(memory) }
}
