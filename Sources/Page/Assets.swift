internal import Core

/// The style sheet, the script and the icon, which are part of the executable.
public struct Asset: Sendable {
  public enum Kind: Sendable {
    case style, script, icon
  }

  public let name: String
  public let kind: Kind
  public let bytes: [UInt8]
  /// Changes with the content, and is in the links to it: a browser may keep what it has for ever.
  public let version: String

  private init(_ name: String, _ kind: Kind, _ bytes: [UInt8]) {
    self.name = name
    self.kind = kind
    self.bytes = bytes
    version = String(FNV.hash(bytes), radix: 36)
  }

  public static let style = Asset("app.css", .style, PackageResources.app_css)
  public static let script = Asset("app.js", .script, PackageResources.app_js)
  public static let icon = Asset("icon.svg", .icon, PackageResources.icon_svg)

  public static let all = [style, script, icon]

  func address(_ root: Root) -> Address { Address(root, ["ui", name], query: [("v", version)]) }
}
