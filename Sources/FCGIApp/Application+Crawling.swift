internal import Cache
internal import Core
internal import Freshness
internal import Metadata
internal import Pool
internal import Providers
internal import Settings

/// Who keeps the store warm, and with what.
extension Application {
  /// - Parameter kinds: the names of what is to be kept warm; nil for all.
  func crawler(
    _ settings: Settings, kinds: Set<String>?, _ stop: StopSignal
  ) throws -> Crawler {
    guard let durable else {
      throw CommandFailure("there is no durable cache to keep warm: CACHE__POSTGRES_URL names it")
    }
    try? Application.layOut(durable)
    let isWanted = { (name: String) in kinds?.contains(name) ?? true }
    var jobs = answerJobs(settings).filter { isWanted($0.kind.name) }
    var chores: [Crawler.Chore] = []
    if database != nil {
      jobs += documentJobs(settings).filter { isWanted($0.kind.name) }
      if isWanted("sweep") {
        let sweep = sweep(settings, durable)
        let gaps = Gaps(store)
        chores.append(
          Crawler.Chore { deadline throws(SourceError) in
            try sweep.heed(gaps)
            return try sweep.step(by: deadline)
          })
      }
    } else if let queue, let builder, isWanted("queue") {
      let scheduler = Scheduler(
        queue, builder, store, durable, lateSeconds: 2 * Int64(settings.ttl.response))
      chores.append(Crawler.Chore { deadline throws(SourceError) in try scheduler.step(by: deadline) })
    }
    return Crawler(
      store, durable, jobs: jobs, chores: chores, logger: Application.logger(settings, "linernotes.crawler"),
      isStopping: { stop.isPending }, sleep: { stop.wait(milliseconds: Int($0 / 1_000_000)) })
  }

  /// Lays the store out where nobody has done so yet, for commands that begin with a question to it.
  static func layOut(_ durable: any DurableTier) throws(SourceError) {
    // It tells whether that is to be done.
    _ = try? durable.revision()
    try durable.prepare()
  }

  /// What can be named to `crawl --kinds`.
  func crawledKinds(_ settings: Settings) -> [String] {
    (database == nil ? [] : documentJobs(settings)).map(\.kind.name) + answerJobs(settings).map(\.kind.name)
      + (database == nil ? ["queue"] : ["sweep"])
  }

  func sweep(_ settings: Settings, _ durable: any DurableTier) -> Sweep {
    let entities = Catalog.comparableKinds.map { kind in
      Sweep.Piece(kind, shown: { Catalog.shown(by: kind, $0) }) { [catalog] rows, deadline throws(SourceError) in
        try catalog.differences(kind, rows, by: deadline)
      }
    }
    let links = SpotifyDirectory.renewableKinds.map { kind in
      Sweep.Piece(kind, shown: { [CacheKey(kind, $0)] }) { [spotifyIDs] rows, deadline throws(SourceError) in
        let documents = rows.compactMap { row in row.document.map { (key: CacheKey(kind, row.id), document: $0) } }
        return try spotifyIDs.differences(documents, by: deadline).map(\.id)
      }
    }
    return Sweep(store, durable, pieces: entities + links, days: settings.crawler.sweepDays)
  }

  /// What providers say. It is asked for first, so that it is there when documents are made of it.
  private func answerJobs(_ settings: Settings) -> [Crawler.Job] {
    decorator.answerKinds.map { kind in
      let batch =
        switch kind.name {
        case "fanart": settings.crawler.fanartBatchSize
        case "tadb": settings.crawler.theAudioDBBatchSize
        case "wikipedia": settings.crawler.wikipediaBatchSize
        default: settings.crawler.batchSize
        }
      var job = Crawler.Job(
        kind, batch: batch, aheadSeconds: Crawler.answersAheadSeconds
      ) { [decorator] due, deadline throws(SourceError) in
        let rest = try decorator.renew(due, by: deadline)
        return Crawler.Rest(left: rest.unanswered, refused: rest.refused)
      }
      job.wantsDocuments = true
      job.windowSeconds = (settings.rateLimit.windowMilliseconds + 999) / 1_000
      job.room = { [decorator] in decorator.room(for: kind) }
      return job
    }
  }

  private func documentJobs(_ settings: Settings) -> [Crawler.Job] {
    let documents = Catalog.renewableKinds.map { kind in
      let batch =
        switch kind {
        case .artist, .artistAlbums: settings.crawler.artistBatchSize
        case .album: settings.crawler.albumBatchSize
        default: settings.crawler.batchSize
        }
      return Crawler.Job(
        kind, batch: batch, after: kind == .artist ? .artistAlbums : nil
      ) { [catalog] due, deadline throws(SourceError) in
        Crawler.Rest(left: try catalog.renew(due, by: deadline))
      }
    }
    return documents
      + SpotifyDirectory.renewableKinds.map { kind in
        var job = Crawler.Job(kind, batch: settings.crawler.batchSize) {
          [spotifyIDs] due, deadline throws(SourceError) in
          Crawler.Rest(left: try spotifyIDs.renew(due, by: deadline))
        }
        job.wantsDocuments = true
        return job
      }
  }
}
