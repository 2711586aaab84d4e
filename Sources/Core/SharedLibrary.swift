internal import Glibc

/// A C library that is opened while the process runs. The executable then starts without it, and also where it is not
/// installed.
///
/// An open library stays open: functions that were found in it must not lose their code, and libraries leave threads
/// and handlers behind that are run at exit.
public struct SharedLibrary {
  /// What the library is called in messages, and how it is found.
  public struct Name: Sendable {
    let text: String
    let files: [String]
    let debianPackage: String

    /// - Parameters:
    ///   - text: what people call it, such as `libpq`.
    ///   - files: names for `dlopen(3)`, the first that can be opened is taken.
    ///   - debianPackage: the package that brings it.
    public init(_ text: String, files: [String], debianPackage: String) {
      self.text = text
      self.files = files
      self.debianPackage = debianPackage
    }
  }

  private let name: Name
  private let handle: UnsafeMutableRawPointer

  public init(_ name: Name) throws(LibraryFailure) {
    self.name = name
    handle = try SharedLibrary.open(name)
  }

  /// The function of that name.
  ///
  /// - Parameter type: the C function's type. An address has no type, so nothing checks it.
  public func function<Function>(
    _ symbol: String, as type: Function.Type = Function.self
  ) throws(LibraryFailure) -> Function { unsafeBitCast(try address(of: symbol), to: type) }

  /// The function of that name as a bare address, for shims in C that call variadic functions.
  public func address(of symbol: String) throws(LibraryFailure) -> UnsafeMutableRawPointer {
    guard let address = dlsym(handle, symbol) else {
      throw LibraryFailure(name, "it is another version than is needed, without \(symbol)")
    }
    return address
  }

  /// Why the library cannot be opened now; nil when it can. It is closed again.
  public static func failure(toOpen name: Name) -> LibraryFailure? {
    do throws(LibraryFailure) {
      dlclose(try open(name))
      return nil
    } catch {
      return error
    }
  }

  private static func open(_ name: Name) throws(LibraryFailure) -> UnsafeMutableRawPointer {
    var reason = "no file to look for"
    for file in name.files {
      // Functions that nobody calls are then never looked up. That is most of those in the libraries behind libpq.
      if let handle = dlopen(file, RTLD_LAZY | RTLD_LOCAL) { return handle }
      if let text = dlerror() { reason = String(cString: text) }
    }
    throw LibraryFailure(name, reason)
  }
}

/// Why a library cannot be used. The text names the library and the Debian package that brings it.
public struct LibraryFailure: Error, Equatable, Sendable, CustomStringConvertible {
  public let description: String

  public init(_ name: SharedLibrary.Name, _ reason: String) {
    description = "\(name.text) cannot be used (Debian's package \(name.debianPackage)): \(reason)"
  }
}
