/// The layout of the file. Two versions of the program may have the same file open: a later one may add tables, and
/// columns that have defaults, which raises the lower half of the number. What an earlier one cannot read raises the
/// upper half, and is refused by it.
enum StoreLayout {
  static let current: Int64 = 1 << 16 | 1
  static let first: Int64 = 1 << 16
  /// `LiNo`, in the header of the file.
  static let applicationID: Int64 = 0x4c69_4e6f

  static func isNewer(_ layout: Int64) -> Bool { layout >> 16 > current >> 16 }

  static func text(_ layout: Int64) -> String { "\(layout >> 16).\(layout & 0xffff)" }
}
