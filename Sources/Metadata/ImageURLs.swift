internal import Core

/// What an image shows, as the API calls it.
public enum ImageKind: String, CaseIterable, Sendable {
  case banner = "Banner"
  case fanart = "Fanart"
  case logo = "Logo"
  case poster = "Poster"
  case cover = "Cover"
  case disc = "Disc"

  /// Those that an artist has, in the order in which they are listed.
  public static let ofArtists: [ImageKind] = [.banner, .fanart, .logo, .poster]
}

/// An image of an artist or album, where it comes from.
public struct Picture: Hashable, Sendable {
  public let kind: ImageKind
  public let url: String

  /// What the URL of a picture called .jpeg ends in. The client names its file by the end of the URL and shows only files
  /// called .jpg, .png or .gif, so such a picture would be stored and never seen. A fragment is not part of what is asked
  /// for: the provider is asked for the .jpeg, and the file is called .jpg.
  private static let jpegEnd = "#.jpg"

  /// - Returns: nil for what the client could not use: it takes the type of an image from the end of its URL, so that
  ///   must be .jpg or .png, without a query.
  public init?(_ kind: ImageKind, _ url: String) {
    var url = url
    if url.lowercased().hasSuffix(".jpeg" + Picture.jpegEnd) { url.removeLast(Picture.jpegEnd.count) }
    if url.hasPrefix("http://") { url = "https://" + url.dropFirst("http://".count) }
    guard url.hasPrefix("https://"), url.utf8.count <= 2000 else { return nil }
    let rest = url.utf8.dropFirst("https://".utf8.count)
    guard let first = rest.first, first != UInt8(ascii: "/"), rest.contains(UInt8(ascii: "/")) else { return nil }
    let isPlain = rest.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\\"), UInt8(ascii: "?"),
        UInt8(ascii: "#"), UInt8(ascii: "@"):
        false
      default: (0x21...0x7e).contains(byte)
      }
    }
    let end = url.suffix(5).lowercased()
    guard isPlain, end == ".jpeg" || end.hasSuffix(".jpg") || end.hasSuffix(".png") else { return nil }
    self.kind = kind
    self.url = end == ".jpeg" ? url + Picture.jpegEnd : url
  }

  /// An image in the Cover Art Archive at `archive`. It serves a JPEG of 1200 pixels of every image under this name,
  /// whatever the original was.
  public init?(_ kind: ImageKind, of art: CoverArt, at archive: String) {
    self.init(kind, "\(archive)/release/\(art.release)/\(art.image)-1200.jpg")
  }
}

/// Where the client is sent for images.
struct ImageURLs: Equatable {
  /// Where an image cache is that knows the paths below, as `https://images.example`; nil when clients are sent to the
  /// origin.
  private let cache: String?
  /// Where the Cover Art Archive is.
  let archive: String

  /// What the cache calls what is below a path of a provider's host; of any in a domain where that begins with a dot.
  /// `deploy/nginx/images-http.conf.in` has the same.
  private static let routes: [(host: String, path: String, name: String)] = [
    (".theaudiodb.com", "images/media/", "tadb"), ("assets.fanart.tv", "fanart/", "fanart"),
    ("upload.wikimedia.org", "wikipedia/commons/", "commons"),
    ("thumb.wikimedia.org", "wikipedia/commons/", "commons/from-thumb"),
  ]

  /// - Parameter cacheHost: with or without the scheme, which is then https.
  init(cacheHost: String? = nil, archive: String) {
    cache = cacheHost.map { $0.contains("://") ? $0 : "https://\($0)" }
    self.archive = archive
  }

  /// The Cover Art Archive's images of an album, where its source knows them.
  func archived(_ album: Album) -> [Picture] {
    [(ImageKind.cover, album.frontCover), (.disc, album.mediumCover)].compactMap { kind, art in
      art.flatMap { Picture(kind, of: $0, at: archive) }
    }
  }

  func url(of picture: Picture) -> String {
    guard let cache else { return picture.url }
    // Pictures have been made https, whatever the archive's own address is.
    if let host = archive.firstRange(of: "://")?.upperBound {
      let archived = "https://\(archive[host...])/release/"
      if picture.url.hasPrefix(archived) { return "\(cache)/v1/caa/\(picture.url.dropFirst(archived.count))" }
    }
    let parts = picture.url.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: true)
    guard parts.count == 3 else { return picture.url }
    let (host, path) = (parts[1], parts[2])
    let route = ImageURLs.routes.first { route in
      (host == route.host || route.host.hasPrefix(".") && ".\(host)".hasSuffix(route.host))
        && path.hasPrefix(route.path)
    }
    return route.map { "\(cache)/v1/\($0.name)/\(path.dropFirst($0.path.count))" } ?? picture.url
  }
}

extension JSONWriter {
  /// `[{"CoverType":"Cover","Url":…,"remoteUrl":…}]`.
  mutating func images(_ pictures: [Picture], _ urls: ImageURLs) {
    array(pictures) { json, picture in
      json.raw(#"{"CoverType":"#)
      json.string(picture.kind.rawValue)
      json.raw(#","Url":"#)
      json.string(urls.url(of: picture))
      json.raw(#","remoteUrl":"#)
      json.string(picture.url)
      json.raw("}")
    }
  }
}
