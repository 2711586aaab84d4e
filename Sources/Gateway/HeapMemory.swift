internal import CLinux
internal import Glibc

/// What a worker keeps of the memory that it has used. There are many workers, and each answers a large artist now and
/// then: what that took must not stay with all of them.
public struct HeapMemory {
  private var faults = 0

  /// Sets glibc's limits, which then stay as they are. Left alone, they grow to twice the largest block that was ever
  /// freed, and each worker comes to keep 6 to 8 MB, of which it uses 4.
  public init() {
    // A block of this size is a mapping of its own, gone when it is freed: longer than all stored documents but the
    // largest, for which a page fault per 4 KB is little beside inflating them.
    mallopt(M_MMAP_THRESHOLD, 256 << 10)
    // So much may be free at the heap's end.
    mallopt(M_TRIM_THRESHOLD, 256 << 10)
  }

  /// Gives back what computing has left free between blocks that stay. Costs a fifth of a millisecond, and a page fault
  /// for each page that is needed again; so it does nothing before a megabyte of pages has been taken.
  public mutating func trim() {
    var usage = rusage()
    getrusage(RUSAGE_SELF.rawValue, &usage)
    guard usage.ru_minflt - faults > 256 else { return }
    malloc_trim(0)
    faults = usage.ru_minflt
  }
}
