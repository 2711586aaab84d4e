internal import ArgumentParser
internal import Cache
internal import Core
internal import Freshness
@preconcurrency internal import Glibc
internal import Pool
internal import SQLiteStore
internal import Settings

/// `linernotes listen`: has what changes in MusicBrainz take effect as it comes.
struct Listen: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Have everything computed anew that changes in MusicBrainz, as it changes.",
    discussion: """
      Runs until SIGTERM, and tells in the log what it does. Several may run, on one or several machines: one works, the \
      others stand by. Whatever it depends on may go away and come back.
      """)

  @OptionGroup var common: CommonOptions

  func run() throws {
    let settings = try Application.loadSettings(common)
    let stop = StopSignal()
    let application = try Application(settings, isStopping: { stop.isPending })
    guard let invalidator = application.invalidator else { throw CommandFailure(Application.noChanges(settings)) }
    guard invalidator.reachesAll else {
      throw CommandFailure("there is nothing to invalidate: each process keeps documents in its own memory only")
    }
    Listener(
      invalidator, hints: application.hints, place: StandbyPlace(application.coordination),
      logger: Application.logger(settings, "linernotes.listen")
    ).run(untilTold: { stop.isPending }) { milliseconds in
      var event = pollfd(fd: stop.descriptor, events: Int16(POLLIN), revents: 0)
      _ = poll(&event, 1, Int32(clamping: milliseconds))
    }
    application.store.catchUp()
    application.storeFile?.close()
  }
}
