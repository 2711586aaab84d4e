/// `VALUE <key> <flags> <length>`, and behind it the number of the value where that was asked for.
struct ValueHeader {
  let key: UnsafeRawBufferPointer
  let length: Int
  let number: UInt64

  init?(_ line: UnsafeRawBufferPointer) {
    let start = 6
    guard line.count > start, line[..<start].elementsEqual("VALUE ".utf8),
      let keyEnd = line[start...].firstIndex(of: UInt8(ascii: " ")),
      let flagsEnd = line[(keyEnd + 1)...].firstIndex(of: UInt8(ascii: " "))
    else { return nil }
    let lengthEnd = line[(flagsEnd + 1)...].firstIndex(of: UInt8(ascii: " ")) ?? line.count
    guard let length = ValueHeader.digits(line[(flagsEnd + 1)..<lengthEnd], atMost: 9) else { return nil }
    if lengthEnd < line.count {
      guard let number = ValueHeader.digits(line[(lengthEnd + 1)...], atMost: 20) else { return nil }
      self.number = number
    } else {
      number = 0
    }
    key = UnsafeRawBufferPointer(rebasing: line[start..<keyEnd])
    self.length = Int(length)
  }

  private static func digits(_ bytes: Slice<UnsafeRawBufferPointer>, atMost count: Int) -> UInt64? {
    guard (1...count).contains(bytes.count) else { return nil }
    var value: UInt64 = 0
    for digit in bytes {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
      let (tens, isTooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, isStillTooLarge) = tens.addingReportingOverflow(UInt64(digit - UInt8(ascii: "0")))
      guard !isTooLarge, !isStillTooLarge else { return nil }
      value = sum
    }
    return value
  }
}
