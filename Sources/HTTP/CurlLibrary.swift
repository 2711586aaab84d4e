internal import CCurl
internal import Glibc

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

  /// - Returns: nil when there is no libcurl that has all of this (7.66, of 2019).
  init?() {
    guard let library = dlopen("libcurl.so.4", RTLD_NOW) ?? dlopen("libcurl.so", RTLD_NOW) else { return nil }
    func symbol<Function>(_ name: String, _: Function.Type) -> Function? {
      // An address has no type; that of the function is curl.h's.
      dlsym(library, name).map { unsafeBitCast($0, to: Function.self) }
    }
    guard
      let globalInit = symbol("curl_global_init", GlobalInit.self),
      let easyInit = symbol("curl_easy_init", MakeHandle.self),
      let easyCleanup = symbol("curl_easy_cleanup", FreeHandle.self),
      let multiInit = symbol("curl_multi_init", MakeHandle.self),
      let multiCleanup = symbol("curl_multi_cleanup", FreeMulti.self),
      let multiAdd = symbol("curl_multi_add_handle", Pair.self),
      let multiRemove = symbol("curl_multi_remove_handle", Pair.self),
      let multiPerform = symbol("curl_multi_perform", Perform.self),
      let multiPoll = symbol("curl_multi_poll", Poll.self),
      let multiInfo = symbol("curl_multi_info_read", ReadInfo.self),
      let listAppend = symbol("curl_slist_append", AppendToList.self),
      let listFree = symbol("curl_slist_free_all", FreeList.self),
      let easySetopt = dlsym(library, "curl_easy_setopt"), let easyGetinfo = dlsym(library, "curl_easy_getinfo"),
      let multiSetopt = dlsym(library, "curl_multi_setopt"),
      globalInit(Int(CURL_GLOBAL_SSL | CURL_GLOBAL_ACK_EINTR)) == CURLE_OK
    else { return nil }
    self.easyInit = easyInit
    self.easyCleanup = easyCleanup
    self.multiInit = multiInit
    self.multiCleanup = multiCleanup
    self.multiAdd = multiAdd
    self.multiRemove = multiRemove
    self.multiPerform = multiPerform
    self.multiPoll = multiPoll
    self.multiInfo = multiInfo
    self.listAppend = listAppend
    self.listFree = listFree
    self.easySetopt = easySetopt
    self.easyGetinfo = easyGetinfo
    self.multiSetopt = multiSetopt
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
