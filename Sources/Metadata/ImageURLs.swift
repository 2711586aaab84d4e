internal import Core

/// One image of an artist or album, as the API shows it.
struct Image: Equatable {
  enum Kind: String {
    case cover = "Cover"
    case disc = "Disc"
  }

  var kind: Kind
  /// Where the client fetches it: the image cache, or the origin.
  var url: String
  /// The origin.
  var remoteURL: String
}

/// Where images are fetched from.
struct ImageURLs: Equatable {
  /// Host of an image cache that knows `/v1/caa/{release}/{image}-1200.jpg`; nil when clients are sent to the origin.
  var cacheHost: String?

  func images(of album: Album) -> [Image] {
    var images: [Image] = []
    if let art = album.frontCover { images.append(image(.cover, art)) }
    if let art = album.mediumCover { images.append(image(.disc, art)) }
    return images
  }

  /// The Cover Art Archive serves a JPEG of 1200 pixels of every image under this name, whatever the original was.
  private func image(_ kind: Image.Kind, _ art: CoverArt) -> Image {
    let origin = "https://coverartarchive.org/release/\(art.release)/\(art.image)-1200.jpg"
    let cached = cacheHost.map { "https://\($0)/v1/caa/\(art.release)/\(art.image)-1200.jpg" }
    return Image(kind: kind, url: cached ?? origin, remoteURL: origin)
  }
}

extension JSONWriter {
  /// `{"CoverType":"Cover","Url":…,"remoteUrl":…}`.
  mutating func image(_ image: Image) {
    raw(#"{"CoverType":"#)
    string(image.kind.rawValue)
    raw(#","Url":"#)
    string(image.url)
    raw(#","remoteUrl":"#)
    string(image.remoteURL)
    raw("}")
  }
}
