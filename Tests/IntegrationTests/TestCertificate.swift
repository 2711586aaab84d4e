import Foundation
import Testing

/// A certificate of a test's own, and whoever vouches for it.
struct TestCertificate {
  let directory: String

  var authority: String { "\(directory)/ca.pem" }
  var certificate: String { "\(directory)/server.pem" }
  var key: String { "\(directory)/server.key" }

  /// - Parameter names: of the hosts that it is for.
  init(in directory: String, for names: [String]) throws {
    self.directory = directory
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    func openssl(_ arguments: String...) throws {
      let result = try Command.run("/usr/bin/env", ["openssl"] + arguments)
      try #require(result.status == 0, "\(result.error)")
    }
    let curve = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    try openssl(
      "req", "-x509", "-newkey", curve[0], curve[1], curve[2], curve[3], "-keyout", "\(directory)/ca.key", "-out",
      authority, "-days", "2", "-subj", "/CN=test authority")
    try openssl(
      "req", "-newkey", curve[0], curve[1], curve[2], curve[3], "-keyout", key, "-out", "\(directory)/server.csr",
      "-subj", "/CN=test")
    try ("subjectAltName=" + names.map { "DNS:\($0)" }.joined(separator: ",")).write(
      toFile: "\(directory)/names", atomically: false, encoding: .utf8)
    try openssl(
      "x509", "-req", "-in", "\(directory)/server.csr", "-CA", authority, "-CAkey", "\(directory)/ca.key",
      "-CAcreateserial", "-extfile", "\(directory)/names", "-out", certificate, "-days", "2")
  }
}
