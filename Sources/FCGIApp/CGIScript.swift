internal import Cache
internal import Core
internal import Freshness
internal import Gateway
@preconcurrency internal import Glibc
internal import Handlers
internal import Metadata
internal import Observe
internal import SQLiteStore
internal import Settings

/// The executable as a CGI script: one request, described by the environment, which also holds the settings.
///
/// The command line is not looked at: a CGI server may put the query string of a request there.
enum CGIScript {
  /// In milliseconds.
  private static let longestRun = 300_000

  static func run() -> Never {
    do {
      let settings = try Settings.load(environment: Application.environment, file: nil)
      let log = Application.log(settings)
      log.requestID = { CGIResponder.requestID }
      let application = try Application(settings)
      let reporter = application.reporter(settings, nil)
      log.reporter = reporter
      guard CGIResponder(router: application.api.router).respond() else { exit(EXIT_FAILURE) }
      application.store.catchUp()
      // What a client did not want to wait for. If the host ends this process, the next one goes on.
      if let invalidator = application.invalidator, invalidator.isToBeContinued {
        invalidator.goOn(until: .after(milliseconds: CGIScript.longestRun, awaited: false))
      }
      reporter?.send()
      // The last to close it writes its log into the file, so that the next process need not read that.
      let isNeeded = settings.cache.detachesBuilder && application.builder?.hasWork ?? false
      application.storeFile?.close()
      if isNeeded { DetachedBuilder.start() }
      exit(EXIT_SUCCESS)
    } catch {
      // The operator finds the reason in the web server's error log, the client an error that it can parse.
      fputs("linernotes: \(error)\n", stderr)
      CGIResponder.respondWithFailure()
      exit(EXIT_FAILURE)
    }
  }
}
