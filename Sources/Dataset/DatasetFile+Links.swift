internal import Cache
public import Core
public import Metadata

/// What leads to artists and albums. A target that is not there is one that was damaged, and counts as missing.
extension DatasetFile: LinkTable {
  public func release(_ id: MBID) -> (album: MBID, tracks: Int)? {
    for entry in entries(of: .release, LinkKey.release(id)) {
      if case .album(let album) = entry.target { return (album, Int(entry.extra)) }
    }
    return nil
  }

  public func target(ofSpotify id: SpotifyID, _ kind: EntityID.Kind) -> MBID? {
    entries(of: .spotify, LinkKey.spotify(kind, id)).first { $0.target.kind == kind }?.target.id
  }

  public func targets(ofPage address: String) -> [EntityID] {
    var seen: Set<EntityID> = []
    return entries(of: .page, LinkKey.page(address.utf8)).map(\.target).filter { seen.insert($0).inserted }
  }

  public func candidates(holding recording: MBID) -> [MBID] {
    entries(of: .recording, UInt64(LinkKey.recording(recording))).compactMap { entry in
      if case .album(let album) = entry.target { album } else { nil }
    }
  }

  private func entries(of section: LinkSection, _ key: UInt64) -> [(target: EntityID, extra: UInt32)] {
    guard isWhole, let entries = links[section] else { return [] }
    return entries.places(of: key).compactMap { index in
      let target = entries.target(at: index)
      guard let id = id(at: target.place, of: target.kind == .artist ? .artist : .album) else {
        damaged += 1
        return nil
      }
      return (EntityID(target.kind, id), entries.extra(at: index))
    }
  }
}
