/// Whether a web server hands out what nobody may read. A FastCGI process learns the server's directory with each request;
/// it looks again only when that is another one.
final class Exposure {
  private let look: (String) -> Bool
  private var last: (root: String, isFound: Bool)?

  init(_ look: @escaping (String) -> Bool) { self.look = look }

  func isFound(below root: String) -> Bool {
    if let last, last.root == root { return last.isFound }
    let isFound = look(root)
    last = (root, isFound)
    return isFound
  }
}
