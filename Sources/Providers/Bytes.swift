extension ArraySlice<UInt8> {
  /// Where the text `first`, with `second` right behind it, stands first.
  func firstRange(ofText first: StaticString, _ second: StaticString = "") -> Range<Int>? {
    let texts = [first, second].map { UnsafeBufferPointer(start: $0.utf8Start, count: $0.utf8CodeUnitCount) }
    return firstRange(ofBytes: texts.flatMap { Array($0) })
  }

  /// Where the bytes stand first. They are few and begin in few places; `firstRange(of:)` takes ten times as long.
  func firstRange(ofBytes pattern: [UInt8]) -> Range<Int>? {
    guard let first = pattern.first, count >= pattern.count else { return nil }
    return withUnsafeBufferPointer { bytes -> Range<Int>? in
      for start in 0...(bytes.count - pattern.count) where bytes[start] == first {
        var length = 1
        while length < pattern.count, bytes[start + length] == pattern[length] { length += 1 }
        if length == pattern.count {
          return (startIndex + start)..<(startIndex + start + length)
        }
      }
      return nil
    }
  }
}
