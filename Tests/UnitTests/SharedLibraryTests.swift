import Core
import Testing

@Suite struct SharedLibraryTests {
  static let mathematics = SharedLibrary.Name("libm", files: ["libm.so.0", "libm.so.6"], debianPackage: "libc6")
  static let missing = SharedLibrary.Name("libnothing", files: ["libnothing.so.7"], debianPackage: "libnothing7")

  @Test func `functions are found in the first file that is there`() throws {
    let library = try SharedLibrary(Self.mathematics)
    let power: @convention(c) (Double, Double) -> Double = try library.function("pow")
    #expect(power(2, 10) == 1_024)
  }

  @Test func `an error names the library, its package and what the loader says`() {
    let failure = #expect(throws: LibraryFailure.self) { try SharedLibrary(Self.missing) }
    let text = failure?.description ?? ""
    #expect(text.hasPrefix("libnothing cannot be used (Debian's package libnothing7): libnothing.so.7: cannot open"))
    #expect(SharedLibrary.failure(toOpen: Self.missing) == failure)
    #expect(SharedLibrary.failure(toOpen: Self.mathematics) == nil)
  }

  @Test func `another version is not taken for the one that is needed`() throws {
    let library = try SharedLibrary(Self.mathematics)
    let failure = #expect(throws: LibraryFailure.self) { try library.address(of: "linernotes_no_such_function") }
    #expect(
      failure?.description.hasSuffix("another version than is needed, without linernotes_no_such_function") == true)
  }

  @Test func `a library that is missing is looked for again after a while, and kept once it is there`() throws {
    var now: UInt64 = 0
    var tries = 0
    var isThere = false
    var library = LazyLibrary(now: { now }) { () throws(LibraryFailure) in
      tries += 1
      guard isThere else { throw LibraryFailure(Self.missing, "not yet") }
      return "open"
    }
    #expect(library.isWorthTrying && library.opened == nil && tries == 0)
    for _ in 0..<3 { #expect(throws: LibraryFailure(Self.missing, "not yet")) { try library.contents() } }
    #expect(tries == 1 && !library.isWorthTrying)
    isThere = true
    #expect(throws: LibraryFailure.self) { try library.contents() }
    now += 1_000_000_000
    #expect(library.isWorthTrying)
    for _ in 0..<3 { #expect(try library.contents() == "open") }
    #expect(tries == 2 && library.opened == "open")
  }
}
