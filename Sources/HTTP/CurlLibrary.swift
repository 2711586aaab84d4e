internal import CCurl
internal import Core

/// libcurl, opened when the first request is made: loading it takes longer than everything else that a CGI script does
/// for an answer that is in the cache.
final class CurlLibrary {
  typealias Handle = UnsafeMutableRawPointer

  typealias List = UnsafeMutablePointer<curl_slist>
  typealias MakeHandle = @convention(c) () -> Handle?
  typealias FreeHandle = @convention(c) (Handle?) -> Void
  typealias FreeMulti = @convention(c) (Handle?) -> CURLMcode
  typealias Pair = @convention(c) (Handle?, Handle?) -> CURLMcode
  typealias Perform = @convention(c) (Handle?, UnsafeMutablePointer<Int32>?) -> CURLMcode
  typealias Poll = @convention(c) (Handle?, Handle?, UInt32, Int32, UnsafeMutablePointer<Int32>?) -> CURLMcode
  typealias ReadInfo = @convention(c) (Handle?, UnsafeMutablePointer<Int32>?) -> UnsafeMutablePointer<CURLMsg>?
  typealias AppendToList = @convention(c) (List?, UnsafePointer<CChar>?) -> List?
  typealias FreeList = @convention(c) (List?) -> Void
  private typealias GlobalInit = @convention(c) (Int) -> CURLcode

  let easyInit: MakeHandle
  let easyCleanup: FreeHandle
  let multiInit: MakeHandle
  let multiCleanup: FreeMulti
  let multiAdd: Pair
  let multiRemove: Pair
  let multiPerform: Perform
  let multiPoll: Poll
  let multiInfo: ReadInfo
  let listAppend: AppendToList
  let listFree: FreeList
  private let easySetopt: Handle
  private let easyGetinfo: Handle
  private let multiSetopt: Handle

  static let name = SharedLibrary.Name(
    "libcurl", files: ["libcurl.so.4", "libcurl-gnutls.so.4"], debianPackage: "libcurl4")

  /// libcurl 7.66, of 2019, is the first that has all of this.
  init() throws(LibraryFailure) {
    let library = try SharedLibrary(CurlLibrary.name)
    easyInit = try library.function("curl_easy_init")
    easyCleanup = try library.function("curl_easy_cleanup")
    multiInit = try library.function("curl_multi_init")
    multiCleanup = try library.function("curl_multi_cleanup")
    multiAdd = try library.function("curl_multi_add_handle")
    multiRemove = try library.function("curl_multi_remove_handle")
    multiPerform = try library.function("curl_multi_perform")
    multiPoll = try library.function("curl_multi_poll")
    multiInfo = try library.function("curl_multi_info_read")
    listAppend = try library.function("curl_slist_append")
    listFree = try library.function("curl_slist_free_all")
    easySetopt = try library.address(of: "curl_easy_setopt")
    easyGetinfo = try library.address(of: "curl_easy_getinfo")
    multiSetopt = try library.address(of: "curl_multi_setopt")
    let globalInit: GlobalInit = try library.function("curl_global_init")
    guard globalInit(Int(CURL_GLOBAL_SSL | CURL_GLOBAL_ACK_EINTR)) == CURLE_OK else {
      throw LibraryFailure(CurlLibrary.name, "it cannot be initialised")
    }
  }

  func set(_ handle: Handle, _ option: CURLoption, _ value: Int) {
    _ = linernotes_curl_set_long(easySetopt, handle, option, value)
  }

  func set(_ handle: Handle, _ option: CURLoption, offset value: Int) {
    _ = linernotes_curl_set_offset(easySetopt, handle, option, curl_off_t(value))
  }

  /// "Strings passed to libcurl as 'char *' arguments, are copied by the library" (curl_easy_setopt(3)).
  func set(_ handle: Handle, _ option: CURLoption, _ text: String) {
    _ = text.withCString { linernotes_curl_set_pointer(easySetopt, handle, option, $0) }
  }

  func set(_ handle: Handle, _ option: CURLoption, pointer: UnsafeRawPointer?) {
    _ = linernotes_curl_set_pointer(easySetopt, handle, option, pointer)
  }

  func set(_ handle: Handle, _ option: CURLoption, _ receiver: linernotes_curl_receiver) {
    _ = linernotes_curl_set_receiver(easySetopt, handle, option, receiver)
  }

  func setMulti(_ handle: Handle, _ option: CURLMoption, _ value: Int) {
    _ = linernotes_curl_set_multi(multiSetopt, handle, option, value)
  }

  func long(_ handle: Handle, _ info: CURLINFO) -> Int {
    var value = 0
    _ = linernotes_curl_get_long(easyGetinfo, handle, info, &value)
    return value
  }

  func offset(_ handle: Handle, _ info: CURLINFO) -> Int {
    var value: curl_off_t = 0
    _ = linernotes_curl_get_offset(easyGetinfo, handle, info, &value)
    return Int(value)
  }

  func text(_ handle: Handle, _ info: CURLINFO) -> String? {
    var value: UnsafeRawPointer?
    guard linernotes_curl_get_pointer(easyGetinfo, handle, info, &value) == CURLE_OK, let value else { return nil }
    return String(cString: value.assumingMemoryBound(to: CChar.self))
  }

  func pointer(_ handle: Handle, _ info: CURLINFO) -> UnsafeRawPointer? {
    var value: UnsafeRawPointer?
    _ = linernotes_curl_get_pointer(easyGetinfo, handle, info, &value)
    return value
  }
}
