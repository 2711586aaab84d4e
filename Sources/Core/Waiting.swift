/// Whether whoever waits may wait for what takes long.
public protocol Waiting: AnyObject {
  /// Once it has said yes, it says so until the answer has been given.
  func mayWait() -> Bool
}
