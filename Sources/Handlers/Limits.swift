internal import Cache
internal import Core
internal import Metadata

/// What every handler keeps to: how long a request may take, and who may have things computed anew.
public struct Limits {
  /// Milliseconds.
  public var requestDeadline: Int
  /// The key of whoever may invalidate; nil: nobody may.
  private let key: AccessKey?
  /// Whether only they may refresh, too.
  private let refreshRequiresKey: Bool
  /// Sites whose pages may have things computed anew, as this server's own may.
  private let origins: [String]
  /// nil: everything that can be answered is answered within the deadline.
  public var building: Building?

  /// - Parameter key: what whoever may invalidate sends; nil or nothing: nobody may.
  public init(
    requestDeadline: Int, key: String? = nil, refreshRequiresKey: Bool = false, origins: [String] = [],
    building: Building? = nil
  ) {
    self.requestDeadline = requestDeadline
    self.key = AccessKey(key)
    self.refreshRequiresKey = refreshRequiresKey
    self.origins = origins
    self.building = building
  }

  enum Refreshing {
    case anybody, key, nobody
  }

  /// Who may have one entity computed anew.
  var refreshing: Refreshing { !refreshRequiresKey ? .anybody : key == nil ? .nobody : .key }

  /// Lets a request through that may have one entity computed anew.
  ///
  /// - Parameter key: what was sent in a form, in place of a header.
  func admitRefresh(_ request: Request, key sent: String? = nil) throws(Failure) {
    if refreshRequiresKey { return try admitInvalidation(request, key: sent) }
    // No other site can know the key. Where none is asked for, it must not have its visitors ask.
    let origin = request.visitor?.origin
    guard request.visitor?.isFromHere ?? true || origins.contains(where: { $0 == origin }) else { throw .foreign }
  }

  /// Lets a request through that may have everything computed anew that has changed.
  func admitInvalidation(_ request: Request, key given: String? = nil) throws(Failure) {
    guard let key else { throw .forbidden("No key is configured: set INVALIDATE_APIKEY") }
    // Who needs another key to read sends both, each wherever there is room.
    let sent = (request.admission?.keys ?? []) + [request.key, given].compactMap { $0 }
    guard sent.contains(where: { key.admits($0) }) else { throw .unauthorized }
  }

  /// The place of a build in the queue, where there is one; it is put there if it is not.
  func place(of key: CacheKey, _ request: Request) -> Int? {
    building?.place(of: key, for: request.address.flatMap { ClientNetwork(address: $0) })
  }

  /// Asks with the deadline of a request; the failure of a source becomes that of the request.
  func deadlined<Answer>(
    _ ask: (Deadline) throws(SourceError) -> Answer
  ) throws(Failure) -> Answer {
    do throws(SourceError) {
      guard let building else { return try ask(.after(milliseconds: requestDeadline)) }
      return try building.wait(milliseconds: requestDeadline, ask)
    } catch {
      throw .source(error)
    }
  }

  /// The same for what may take long to build: who may wait for it does so, and what is not there then is built all the
  /// same.
  ///
  /// - Parameter keys: what has to be built, as far as it is known when asking fails.
  func awaited<Answer>(
    _ request: Request, building keys: () -> [CacheKey], _ ask: (Deadline) throws(SourceError) -> Answer
  ) throws(Failure) -> Answer {
    guard let building else { return try deadlined(ask) }
    do throws(SourceError) {
      return try building.wait(ask)
    } catch {
      throw building.failure(
        error, building: keys(), for: request.address.flatMap { ClientNetwork(address: $0) })
    }
  }
}

extension MBID {
  /// The id in a path, or the failure that the client knows as a malformed one.
  static func required(_ text: String) throws(Failure) -> MBID {
    guard let id = MBID(text) else { throw .invalidUUID }
    return id
  }
}

extension Response {
  static let success = Response(.json(Array(#"{"success":true}"#.utf8)), caching: .none)
}
