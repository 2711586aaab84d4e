internal import Core
internal import HTTP

/// What answers of MediaWiki's API and of Wikidata have in common.
enum Wikidata {
  /// The name of a language's Wikipedia among the sites: `enwiki`.
  static func site(of language: String) -> String { language.replacing("-", with: "_") + "wiki" }

  /// The answer, when it is one: errors come with status 200.
  static func answer(_ response: HTTPResponse) throws(UpstreamError) -> JSONValue {
    let json = try response.json()
    guard json.isObject else { throw .malformed }
    let code = json["error"]["code"]
    if code.text != nil { throw code.isText("no-such-entity") ? .status(404) : .overloaded }
    return json
  }

  /// The only entity in an answer; nil when it does not exist.
  static func entity(in response: HTTPResponse) throws(UpstreamError) -> JSONValue? {
    let json: JSONValue
    do {
      json = try answer(response)
    } catch {
      if error == .status(404), response.status == 200 { return nil }
      throw error
    }
    guard json["entities"].isObject, let entity = json["entities"].members.values.first else { throw .malformed }
    return entity["missing"].isNull ? entity : nil
  }
}
