internal import Core

/// How long the server may take for one statement: what is left of the deadline, rounded up, so that it changes seldom.
/// Telling it costs a statement, in the same round trip.
///
/// It ends the work of those who cannot say any more that they have given up. Whoever still can cancels.
struct ServerLimit {
  let milliseconds: Int

  private static let step = 250

  init(_ deadline: Deadline) {
    milliseconds = max(1, (deadline.millisecondsLeft + ServerLimit.step - 1) / ServerLimit.step) * ServerLimit.step
  }

  var query: PostgresQuery { PostgresQuery(ServerLimit.statement, .text(String(milliseconds))) }

  /// A server that can also looks every half second whether its client is still connected. Servers before version 14 do
  /// not know the setting, and those on other systems may refuse it.
  private static let statement = PostgresStatement(
    "limit",
    Array(
      """
      SELECT
        set_config('statement_timeout', $1, false),
        CASE
          WHEN current_setting('client_connection_check_interval', true) IS NOT NULL AND version() LIKE '%linux%'
          THEN set_config('client_connection_check_interval', '500', false)
        END
      """.utf8))
}
