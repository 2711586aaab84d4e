extension Settings {
  /// Reads the configuration: the environment first, then the file, then the preset's values, then the defaults.
  ///
  /// - Parameter file: The file's path; nil takes that of `CONFIG_FILE`, if there is one.
  /// - Throws: All that is wrong with it, at once.
  public static func load(environment: [String: String], file: String?) throws(SettingsError) -> Settings {
    var loader = SettingsLoader(environment: environment, file: file)
    return try loader.load()
  }
}
