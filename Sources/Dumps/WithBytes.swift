extension Array {
  /// `withUnsafeBytes`, for what throws an error of this module.
  func withBytes<Answer>(
    _ body: (UnsafeRawBufferPointer) throws(DumpError) -> Answer
  ) throws(DumpError) -> Answer {
    let result: Result<Answer, DumpError> = withUnsafeBytes { bytes in
      do throws(DumpError) {
        return .success(try body(bytes))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }
}
