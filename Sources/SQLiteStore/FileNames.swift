internal import Core
internal import Glibc

enum FileNames {
  /// Opens a file for reading and writing, which is made where it is missing: its owner's alone.
  ///
  /// What root makes, by running a command, belongs to the owner of the directory: the pool runs as that user.
  ///
  /// - Returns: a descriptor, or -1 with errno set.
  static func openOrMake(_ path: String) -> Int32 {
    let flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW
    let file = open(path, flags | O_CREAT | O_EXCL, 0o600)
    guard file >= 0 else { return errno == EEXIST ? open(path, flags) : -1 }
    var status = stat()
    if geteuid() == 0, stat(StoreFile.directory(of: path), &status) == 0 {
      _ = fchown(file, status.st_uid, status.st_gid)
    }
    return file
  }

  /// The names of files in a directory.
  static func inDirectory(_ directory: String, beginningWith start: String) -> [String] {
    guard let stream = opendir(directory) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name.hasPrefix(start) { names.append(name) }
    }
    return names
  }

  /// A moment as it may stand in a file's name: `20260131T235959Z`.
  static func stamp(of moment: UnixTime) -> String {
    var seconds = time_t(clamping: moment.seconds)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    var text = [CChar](repeating: 0, count: 32)
    let count = strftime(&text, text.count, "%Y%m%dT%H%M%SZ", &parts)
    return String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
