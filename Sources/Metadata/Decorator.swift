public import Cache
public import Core

/// Where pictures and overviews come from. They can be done without, so nothing here throws: what is missing is
/// missing, and ``Decoration`` says for how long to believe that.
public protocol Decorator: AnyObject {
  /// One for each of the artists, found by the deadline.
  func decorations(of artists: [Artist], by deadline: Deadline) -> [MBID: Decoration]

  /// One for each of the albums, found by the deadline.
  func decorations(of albums: [Album], by deadline: Deadline) -> [MBID: Decoration]

  /// Under which keys what was said about an artist, or an album, is kept.
  func answers(about artist: Artist) -> [CacheKey]
  func answers(about album: Album) -> [CacheKey]
}

extension Decorator {
  public func answers(about artist: Artist) -> [CacheKey] { [] }
  public func answers(about album: Album) -> [CacheKey] { [] }
}

/// What an artist or album is shown with.
public struct Decoration: Equatable, Sendable {
  /// The best of each kind, the best source first.
  public var pictures: [Picture] = []
  public var overview = ""
  /// The moment from which on somebody may say something else.
  public var expires: UnixTime?
  /// Whether everybody who was to be asked has answered, now or not too long ago. If not, what is here is what they
  /// said last.
  public var isComplete = true
  /// Whether asking again without a client waiting could find more.
  public var isWorthMoreTime = false

  public init() {}

  /// Adds pictures of the kinds that there are none of yet.
  public mutating func addMissing(_ more: some Sequence<Picture>) {
    for picture in more where !pictures.contains(where: { $0.kind == picture.kind }) { pictures.append(picture) }
  }
}

/// Asks providers anew for what is kept of their answers.
public protocol AnswerRenewer: AnyObject {
  /// The kinds of documents that hold answers of providers that may be asked.
  var answerKinds: [CacheKey.Kind] { get }

  /// How many answers of a kind may be asked for now; 0 while the provider is left alone.
  func room(for kind: CacheKey.Kind) -> Int

  /// Asks for answers of one kind, and keeps them. What nobody would ask for any more is forgotten.
  ///
  /// - Parameter due: with the documents themselves.
  /// - Returns: those that stay as they are: the provider did not answer, or has been asked as often as may be.
  func renew(
    _ due: [DueDocument], by deadline: Deadline
  ) throws(SourceError) -> (unanswered: [DueDocument], refused: [DueDocument])
}
