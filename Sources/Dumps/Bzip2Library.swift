internal import Core

/// libbz2, opened when an archive is read. Every Debian has it: dpkg needs it.
struct Bzip2Library: Sendable {
  private typealias Decompress =
    @convention(c) (
      UnsafeMutablePointer<CChar>?, UnsafeMutablePointer<UInt32>?, UnsafePointer<CChar>?, UInt32, Int32, Int32
    ) -> Int32

  private let decompress: Decompress

  private static let name = SharedLibrary.Name(
    "libbz2", files: ["libbz2.so.1.0", "libbz2.so.1"], debianPackage: "libbz2-1.0")

  init() throws(DumpError) {
    do throws(LibraryFailure) {
      decompress = try SharedLibrary(Bzip2Library.name).function("BZ2_bzBuffToBuffDecompress")
    } catch {
      throw DumpError(.unsuitable, "\(error)")
    }
  }

  enum Outcome {
    case done([UInt8])
    /// It is longer than was thought.
    case tooLong
    case broken
  }

  /// Decompresses a whole stream.
  ///
  /// - Parameter most: how long what comes of it may be.
  func decompress(_ stream: [UInt8], most: Int) -> Outcome {
    var status: Int32 = 0
    let output = [UInt8](unsafeUninitializedCapacity: most) { output, count in
      var length = UInt32(most)
      status = stream.withUnsafeBytes { input in
        output.withMemoryRebound(to: CChar.self) { output in
          decompress(
            output.baseAddress, &length, input.baseAddress?.assumingMemoryBound(to: CChar.self), UInt32(input.count), 0,
            0)
        }
      }
      count = status == 0 ? Int(length) : 0
    }
    return switch status {
    case 0: .done(output)
    case Bzip2Library.outputFull: .tooLong
    default: .broken
    }
  }

  /// BZ_OUTBUFF_FULL.
  private static let outputFull: Int32 = -8
}
