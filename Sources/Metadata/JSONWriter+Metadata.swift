internal import Core

extension JSONWriter {
  /// `{"Count":86,"Value":9.6}`: MusicBrainz keeps 0…100, the API shows 0.0…10.0. What is outside of that is no rating.
  mutating func rating(_ rating: Rating) {
    raw(#"{"Count":"#)
    integer(max(0, rating.count))
    raw(#","Value":"#)
    if let value = rating.value, (0...100).contains(value) {
      integer(value / 10)
      raw(".")
      integer(value % 10)
    } else {
      raw("null")
    }
    raw("}")
  }

  /// `"YYYY-MM-DD"` or null, never anything else.
  mutating func date(_ date: PartialDate) {
    guard let (year, month, day) = date.calendarDate else {
      raw("null")
      return
    }
    raw("\"")
    integer(year, digits: 4)
    raw("-")
    integer(month, digits: 2)
    raw("-")
    integer(day, digits: 2)
    raw("\"")
  }

  /// `[{"target":URL,"type":site}]`.
  mutating func links(_ links: [String]) {
    array(links) { json, link in
      json.raw(#"{"target":"#)
      json.string(link)
      json.raw(#","type":"#)
      json.string(Link.site(of: link))
      json.raw("}")
    }
  }
}
