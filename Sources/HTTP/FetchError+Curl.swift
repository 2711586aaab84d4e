internal import CCurl

extension FetchError {
  /// What libcurl's codes mean whatever was asked for.
  init(_ code: CURLcode) {
    switch code {
    case CURLE_OPERATION_TIMEDOUT: self = .timedOut
    case CURLE_PARTIAL_FILE: self = .truncated
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT, CURLE_SSL_CONNECT_ERROR: self = .unreachable
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE: self = .untrusted
    default: self = .broken(Int(code.rawValue))
    }
  }
}
