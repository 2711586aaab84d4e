/// Everything that is wrong with a configuration: one line for each problem, without secrets.
public struct SettingsError: Error, Equatable, CustomStringConvertible {
  public let problems: [String]

  init(_ problems: [String]) { self.problems = problems }
  init(_ problem: String) { problems = [problem] }

  public var description: String { problems.joined(separator: "\n") }
}
