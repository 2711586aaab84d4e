internal import CLinux

/// What a directory's file system can do for several processes.
public enum FileSystemKind: Sendable {
  /// Memory that is mapped from a file is the same for all processes, which a write-ahead log needs.
  case local
  /// Other machines may use it as well; there is no such memory.
  case network

  public static func of(_ directory: String) -> FileSystemKind {
    kinds.contains(UInt32(truncatingIfNeeded: linernotes_file_system(directory))) ? .network : .local
  }

  /// statfs(2): NFS, SMB, CIFS, SMB2, FUSE (sshfs and many others), 9P, AFS (two), Coda, Ceph, Lustre, NCP, GPFS, GFS2,
  /// OCFS2, VirtualBox' shared folders, BeeGFS.
  private static let kinds: Set<UInt32> = [
    0x6969, 0x517b, 0xff53_4d42, 0xfe53_4d42, 0x6573_5546, 0x0102_1997, 0x5346_414f, 0x6b41_4653, 0x7375_7245,
    0x00c3_6400, 0x0bd0_0bd0, 0x564c, 0x4750_4653, 0x0116_1970, 0x7461_636f, 0x786f_4256, 0x1983_0326,
  ]
}
