extension Layout {
  /// A page that says why there is nothing else to show.
  ///
  /// - Parameters:
  ///   - again: where to look once more, if that can help, and after how many seconds.
  public func message(
    title: String, _ text: String, query: String = "", again: (seconds: Int?, address: Address)? = nil
  ) -> [UInt8] {
    let link: Markup =
      again.map { again in
        let wait = again.seconds.map { " (in \(Words.count($0, "second", "seconds")))" } ?? ""
        return "<p><a class=\"button\" \(href: again.address)>Look again</a><span class=\"quiet\">\(wait)</span></p>"
      } ?? ""
    let content: Markup = "<h1>\(title)</h1><p class=\"lead\">\(text)</p>\(link)"
    return document(title: "\(title) – Linernotes", query: query, content)
  }
}
