internal import CLinux
internal import Glibc

/// What a worker keeps of the memory that it has used. There are many workers, and each answers a large artist now and
/// then: what that took must not stay with all of them.
struct HeapMemory {
  private var answers = 0
  private var faults = 0

  private static let answersBetweenLooks = 256

  /// Sets glibc's limits, which then stay as they are. Left alone, they grow to twice the largest block that was ever
  /// freed, and each worker comes to keep 6 to 8 MB, of which it uses 4.
  init() {
    // A block of this size is a mapping of its own, gone when it is freed: longer than all stored documents but the
    // largest, for which a page fault per 4 KB is little beside inflating them.
    mallopt(M_MMAP_THRESHOLD, 256 << 10)
    // So much may be free at the heap's end.
    mallopt(M_TRIM_THRESHOLD, 256 << 10)
  }

  /// Now and then gives back what answers have left free between blocks that stay. That costs a fifth of a millisecond,
  /// and a page fault for each page that is needed again; so nothing is done before a megabyte of pages has been taken.
  mutating func noteAnswer() {
    answers += 1
    guard answers % HeapMemory.answersBetweenLooks == 0 else { return }
    var usage = rusage()
    getrusage(RUSAGE_SELF.rawValue, &usage)
    guard usage.ru_minflt - faults > 256 else { return }
    malloc_trim(0)
    faults = usage.ru_minflt
  }
}
