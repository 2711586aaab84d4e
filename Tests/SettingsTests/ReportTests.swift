import Testing

@testable import Settings

@Suite struct ReportTests {
  @Test func `the report has every key once, in the order of the table`() throws {
    #expect(try load(["PORT": "1"]).report.entries.map(\.key) == SettingCatalog.keys.map(\.name))
  }

  @Test func `a line tells key, value and source`() throws {
    let settings = try load(["DEFAULTCONFIG_DATABASE__HOST": " db1 , db2", "DEBUG": "YES", "RATE_LIMITER": "Simple"])
    #expect(settings.line("DATABASE__HOST") == "DATABASE__HOST = db1,db2  # env DEFAULTCONFIG_DATABASE__HOST")
    #expect(settings.line("DEBUG") == "DEBUG = true  # env DEBUG")
    #expect(settings.line("RATE_LIMITER") == "RATE_LIMITER = simple  # env RATE_LIMITER")
    #expect(settings.line("SOLR__TIMEOUT") == "SOLR__TIMEOUT = 5  # default")
    #expect(settings.line("DATABASE__USER") == "DATABASE__USER = (unset)  # default")
    #expect(settings.line("APPLICATION_ROOT") == "APPLICATION_ROOT = /  # default")
  }

  @Test func `a user is shown, a password is not`() throws {
    let settings = try load(["DATABASE__USER": "me", "DATABASE__PASSWORD": "hunter2"])
    #expect(settings.line("DATABASE__USER") == "DATABASE__USER = me  # env DATABASE__USER")
    #expect(settings.line("DATABASE__PASSWORD") == "DATABASE__PASSWORD = ********  # env DATABASE__PASSWORD")
  }

  @Test func `notices follow the keys`() throws {
    let lines = try load(["REDIS_HOST": "redis"]).report.lines
    #expect(lines.count == SettingCatalog.keys.count + 1)
    #expect(
      lines.last == "# notice: REDIS_HOST has no effect. There is no Redis: MEMCACHED_SERVERS names the shared cache.")
  }
}
