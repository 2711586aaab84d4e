/// Who is asked, where, and how. A provider without a key is not asked.
public struct ProviderOptions: Sendable {
  public struct FanartOptions: Sendable {
    public var apiKey: String
    /// A user's own key, for which pictures appear sooner.
    public var personalKey: String?
    public var baseURL: String
    public var seconds: Int64

    public init(apiKey: String, personalKey: String? = nil, baseURL: String, seconds: Int64) {
      self.apiKey = apiKey
      self.personalKey = personalKey
      self.baseURL = baseURL
      self.seconds = seconds
    }
  }

  public struct TheAudioDBOptions: Sendable {
    public var apiKey: String
    public var baseURL: String
    public var connections: Int
    public var seconds: Int64

    public init(apiKey: String, baseURL: String, connections: Int = 5, seconds: Int64) {
      self.apiKey = apiKey
      self.baseURL = baseURL
      self.connections = connections
      self.seconds = seconds
    }
  }

  public struct WikipediaOptions: Sendable {
    public var languages: [String]
    /// `{language}` stands for a language.
    public var baseURL: String
    public var wikidataURL: String
    public var commonsURL: String
    public var connections: Int
    public var timeoutMilliseconds: Int
    public var seconds: Int64

    public init(
      languages: [String], baseURL: String, wikidataURL: String, commonsURL: String, connections: Int = 1,
      timeoutMilliseconds: Int, seconds: Int64
    ) {
      self.languages = languages
      self.baseURL = baseURL
      self.wikidataURL = wikidataURL
      self.commonsURL = commonsURL
      self.connections = connections
      self.timeoutMilliseconds = timeoutMilliseconds
      self.seconds = seconds
    }
  }

  public var fanart: FanartOptions?
  public var theAudioDB: TheAudioDBOptions?
  public var wikipedia: WikipediaOptions?
  /// How long all of them together may keep a client waiting, in milliseconds.
  public var awaitedMilliseconds = 250
  /// How long they may take where no client waits, and how long one answer may.
  public var unawaitedMilliseconds = 6_000
  public var answerMilliseconds = 3_000

  public init() {}
}
