/// An artist or an album, which MusicBrainz calls a release group, by its id.
public enum EntityID: Hashable, Sendable {
  case artist(MBID)
  case album(MBID)

  public enum Kind: String, CaseIterable, Sendable {
    case artist, album
  }

  public init(_ kind: Kind, _ id: MBID) {
    self =
      switch kind {
      case .artist: .artist(id)
      case .album: .album(id)
      }
  }

  public var kind: Kind {
    switch self {
    case .artist: .artist
    case .album: .album
    }
  }

  public var id: MBID {
    switch self {
    case .artist(let id), .album(let id): id
    }
  }
}
