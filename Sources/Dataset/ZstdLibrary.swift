internal import Core

/// libzstd, opened when a file has dictionaries. Every Debian has it: dpkg needs it.
struct ZstdLibrary: Sendable {
  typealias Handle = OpaquePointer
  typealias Bytes = UnsafeRawPointer
  typealias Output = UnsafeMutableRawPointer

  let createCompression: @convention(c) () -> Handle?
  let freeCompression: @convention(c) (Handle?) -> Int
  let createCompressionDictionary: @convention(c) (Bytes?, Int, Int32) -> Handle?
  let freeCompressionDictionary: @convention(c) (Handle?) -> Int
  let compress: @convention(c) (Handle?, Output?, Int, Bytes?, Int, Handle?) -> Int
  let bound: @convention(c) (Int) -> Int
  let createDecompression: @convention(c) () -> Handle?
  let freeDecompression: @convention(c) (Handle?) -> Int
  let createDecompressionDictionary: @convention(c) (Bytes?, Int) -> Handle?
  let freeDecompressionDictionary: @convention(c) (Handle?) -> Int
  let decompress: @convention(c) (Handle?, Output?, Int, Bytes?, Int, Handle?) -> Int
  let isError: @convention(c) (Int) -> UInt32
  let train: @convention(c) (Output?, Int, Bytes?, UnsafePointer<Int>?, UInt32) -> Int

  private static let name = SharedLibrary.Name("libzstd", files: ["libzstd.so.1"], debianPackage: "libzstd1")

  init() throws(DatasetError) {
    do throws(LibraryFailure) {
      let library = try SharedLibrary(ZstdLibrary.name)
      createCompression = try library.function("ZSTD_createCCtx")
      freeCompression = try library.function("ZSTD_freeCCtx")
      createCompressionDictionary = try library.function("ZSTD_createCDict")
      freeCompressionDictionary = try library.function("ZSTD_freeCDict")
      compress = try library.function("ZSTD_compress_usingCDict")
      bound = try library.function("ZSTD_compressBound")
      createDecompression = try library.function("ZSTD_createDCtx")
      freeDecompression = try library.function("ZSTD_freeDCtx")
      createDecompressionDictionary = try library.function("ZSTD_createDDict")
      freeDecompressionDictionary = try library.function("ZSTD_freeDDict")
      decompress = try library.function("ZSTD_decompress_usingDDict")
      isError = try library.function("ZSTD_isError")
      train = try library.function("ZDICT_trainFromBuffer")
    } catch {
      throw DatasetError(.unsuitable, "\(error)")
    }
  }
}
