internal import Metadata

extension PartialDate {
  /// Reads a date as ws/2 writes it; what is none is unknown.
  init(ws2 text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard (1...3).contains(parts.count) else {
      self = .unknown
      return
    }
    let numbers = parts.map { part -> Int? in
      guard (1...9).contains(part.utf8.count), part.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
      return Int(part)
    }
    self.init(
      year: numbers[0], month: numbers.count > 1 ? numbers[1] : nil, day: numbers.count > 2 ? numbers[2] : nil)
  }
}
