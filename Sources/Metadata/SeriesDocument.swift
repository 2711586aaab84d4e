internal import Core

/// How a series is spelled in the API.
public enum SeriesDocument {
  /// `[{"albumid":…,"albumtitle":…,"artistid":…,"ArtistName":…,"releasedate":…}]`.
  public static func list(of entries: [SeriesEntry]) -> [UInt8] {
    var json = JSONWriter(reservingCapacity: 2 + entries.count * 160)
    json.array(entries) { json, entry in
      json.raw(#"{"albumid":"#)
      json.mbid(entry.album)
      json.raw(#","albumtitle":"#)
      json.string(entry.title)
      json.raw(#","artistid":"#)
      json.mbid(entry.artist)
      json.raw(#","ArtistName":"#)
      json.string(entry.artistName)
      json.raw(#","releasedate":"#)
      json.date(entry.date)
      json.raw("}")
    }
    return json.bytes
  }
}
