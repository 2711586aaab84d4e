/// Charts as SVG. They are drawings beside a text or a table that says the same, so they are hidden from those who listen.
enum Chart {
  private static let width = 1_000

  /// One bar, cut into parts by their shares.
  ///
  /// - Parameter parts: as many as there are tints in the style sheet are told apart.
  static func shares(_ parts: [Int]) -> Markup {
    let total = parts.reduce(0) { $0 + max(0, $1) }
    guard total > 0 else { return "" }
    var rectangles = Markup()
    var x = 0
    for (index, part) in parts.enumerated() {
      let end = scaled(parts[...index].reduce(0) { $0 + max(0, $1) }, of: total)
      if part > 0 {
        rectangles.append("<rect class=\"s\(index % 5)\" x=\"\(x)\" y=\"0\" width=\"\(end - x)\" height=\"20\"/>")
      }
      x = end
    }
    return svg(height: 20, rectangles, "bar")
  }

  /// Columns beside each other, the tallest as high as the chart.
  static func columns(_ values: [Int]) -> Markup {
    guard let most = values.max(), most > 0 else { return "" }
    let height = 160
    let step = width / max(1, values.count)
    var rectangles = Markup()
    for (index, value) in values.enumerated() {
      // What is there at all can be seen.
      let tall = value <= 0 ? 0 : max(3, Int(Double(value) / Double(most) * Double(height)))
      rectangles.append(
        """
        <rect class="s0" x="\(index * step + step / 8)" y="\(height - tall)" width="\(step - step / 4)" \
        height="\(tall)"/>
        """)
    }
    return svg(height: height, rectangles, "columns")
  }

  /// A bar from the left, as long as a number is of the largest.
  static func bar(_ value: Int, of most: Int) -> Markup {
    guard most > 0 else { return "" }
    let length = max(value > 0 ? 12 : 0, scaled(min(max(0, value), most), of: most))
    return svg(height: 20, "<rect class=\"s0\" x=\"0\" y=\"0\" width=\"\(length)\" height=\"20\"/>", "bar")
  }

  private static func scaled(_ value: Int, of total: Int) -> Int {
    Int((Double(value) / Double(total) * Double(width)).rounded())
  }

  private static func svg(height: Int, _ content: Markup, _ style: Markup) -> Markup {
    """
    <svg class="chart \(style)" viewBox="0 0 1000 \(height)" preserveAspectRatio="none" aria-hidden="true" \
    focusable="false">\(content)</svg>
    """
  }
}
