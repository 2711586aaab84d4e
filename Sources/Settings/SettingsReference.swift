/// The reference page of all keys, `docs/SETTINGS.md`.
public enum SettingsReference {
  public static var markdown: String {
    var page = introduction
    for section in SettingCatalog.sections {
      page += "\n## \(section.title)\n\n"
      page += "| Key | Meaning | Allowed | Default | Other names |\n|---|---|---|---|---|\n"
      for key in section.keys { page += row(for: key) }
    }
    page += "\n## Names without effect\n\nThese are understood, but only answered with a notice.\n\n"
    page += "| Name | Instead |\n|---|---|\n"
    for retired in SettingCatalog.retired {
      page += cells([retired.names.map(code).joined(separator: ", "), retired.instead])
    }
    return page
  }

  private static func row(for key: SettingKey) -> String {
    var meaning = key.summary
    switch key.confidentiality {
    case .open: break
    case .credential: meaning += " May be in a file: `\(key.name)_FILE`."
    case .secret: meaning += " Secret. May be in a file: `\(key.name)_FILE`."
    }
    var allowed = key.allowed
    if let emptyMeans = key.emptyMeans { allowed += "; empty: \(emptyMeans)" }
    var defaults = key.defaultText.isEmpty ? "unset" : code(key.defaultText)
    for preset in Preset.allCases {
      if let text = key.presetTexts[preset] { defaults += "; \(preset.rawValue): \(code(text))" }
    }
    let others = key.otherSpellings.map { code($0.name) + ($0.isInMilliseconds ? " (milliseconds)" : "") }
    return cells([code(key.name), meaning, allowed, defaults, others.joined(separator: ", ")])
  }

  private static func code(_ text: String) -> String { "`\(text)`" }

  private static func cells(_ cells: [String]) -> String {
    let escaped = cells.map { $0.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|") }
    return "| " + escaped.joined(separator: " | ") + " |\n"
  }

  private static let introduction = """
    # Settings

    <!-- Made from the table in Sources/Settings (SettingsReference.markdown); a test keeps the two equal. -->

    `linernotes config` shows every key with the value in force and where it comes from.

    ## Where values come from

    1. The environment.
    2. A YAML or JSON file: the one that the command line names, else that of `CONFIG_FILE`. A name that ends in `.json` \
    is read as JSON, any other as YAML.
    3. The preset that `LIDARR_METADATA_CONFIG` names: \(Preset.allCases.map { code($0.rawValue) }.joined(separator: ", ")).
    4. The defaults. No credential has one.

    The first of these that has a value wins. A value that is empty counts as none, except where the tables say what it \
    means. Spaces around a value do not count, except around a secret.

    Every value of a key is checked, even if another source overrides it. The server does not start with a value that is \
    not allowed; it names all of them, a line each. Notices tell of what is allowed but probably not meant: unknown names \
    that look like ours, names without effect, names for another preset, names of one key that disagree.

    ## Names

    A key may have the name that stands here or one of its other names, which are those of the original server. Each may \
    have a prefix: `DEFAULTCONFIG_`, or that of the preset in force (`DEVELOPMENTCONFIG_`, `TESTCONFIG_`, \
    `PRODUCTIONCONFIG_`). `LIDARR_METADATA_CONFIG` and `CONFIG_FILE` take no prefix.

    If a source has several names of a key, the most specific wins, and a notice tells if they disagree:

    1. the names with the preset's own prefix,
    2. those with `DEFAULTCONFIG_`,
    3. those without a prefix.

    Within each of these the name that stands here comes first, then the others in the order of the table. A value comes \
    before the `_FILE` of the same name.

    In the environment names are in upper case; what follows the first `__` may be in any case \
    (`CACHE_TTL__fanart`). In a file names may be in any case, and `__` may be written as nesting: `DATABASE__HOST`, \
    `database__host` and `database: {host: …}` are the same. Lists may be written as lists. `CONFIG_FILE` is not read from \
    a file.

    A CGI script does not read names that begin with `HTTP_`: they hold what a client sent.

    ## Values

    Booleans are `true`, `1` or `yes`, and `false`, `0` or `no`. The case of these, and of other words to choose from, \
    does not matter.

    Secrets are masked wherever they are shown, and so are passwords in URLs. Where the tables say so, a value may be in a \
    file: `FANART_API_KEY_FILE=/run/secrets/fanart` takes that file's content without the space around it. In such a key \
    `replaceme` counts as no value.

    """
}
