/// Where users may be sent back to with their tokens. The original sends them anywhere; here it is the client's own
/// page on this network, or on a host that the operator names.
public struct SpotifyStates: Sendable {
  private let admitsAllHosts: Bool
  private let hosts: Set<WebAddress.Host>

  private static let page = "oauth.html"
  private static let longestState = 1000

  /// - Parameter hosts: names and addresses; `*` stands for all.
  public init(hosts: [String] = []) {
    admitsAllHosts = hosts.contains("*")
    self.hosts = Set(hosts.compactMap { WebAddress.Host(setting: $0) })
  }

  func admits(_ state: String) -> Bool {
    guard state.utf8.count <= SpotifyStates.longestState, let address = WebAddress(state),
      address.path.last == SpotifyStates.page
    else { return false }
    return admitsAllHosts || hosts.contains(address.host) || address.host.isPrivate
  }
}
