internal import Cache
internal import Core
internal import Metadata

/// What messages announce, all of them together.
struct MessageDigest {
  var changes = EntityChanges()
  /// Messages that nobody can make anything of, and why.
  var poisoned: [(delivery: Delivery, reason: String)] = []
  /// The tags of those that announce nothing that a document shows.
  var silent: [UInt64] = []
}

/// Finds out what messages announce.
struct Digester {
  let rows: (any RowSource)?
  let coordination: any Coordination

  /// So often may processes have ended over a message before it is thought to be why. A classic queue counts nothing.
  private static let mostTries: UInt64 = 5
  private static let triesSeconds: Int64 = 86_400
  /// How long the database may take.
  private static let rowMilliseconds = 20_000

  func digest(
    _ deliveries: [Delivery], from sources: [String: RabbitTopology.Source]
  ) throws(SourceError) -> MessageDigest {
    guard !deliveries.isEmpty else { return MessageDigest() }
    var digest = MessageDigest()
    let tries = countTries(of: deliveries.filter(\.isRedelivered))
    var read: [(delivery: Delivery, told: Announcement)] = []
    for delivery in deliveries {
      do throws(PoisonedMessage) {
        if tries[delivery.tag] ?? 0 > Digester.mostTries { throw PoisonedMessage("it was tried too often") }
        if delivery.isCut { throw PoisonedMessage("it is too long") }
        let reader = sources[delivery.consumer]?.reader ?? AnnouncementReader()
        let told = try reader.read(delivery.body)
        if told.isEmpty { digest.silent.append(delivery.tag) } else { read.append((delivery, told)) }
      } catch {
        digest.poisoned.append((delivery, error.reason))
      }
    }
    try look(up: read, into: &digest)
    coordination.forget(deliveries.filter(\.isRedelivered).map(Digester.name))
    return digest
  }

  /// Asks the database about all rows together; about each message alone when it refuses, to find out whose fault that is.
  private func look(
    up read: [(delivery: Delivery, told: Announcement)], into digest: inout MessageDigest
  ) throws(SourceError) {
    var all = Announcement()
    for (_, told) in read { all.add(told) }
    do throws(SourceError) {
      digest.changes = try changes(of: all)
    } catch {
      guard error.code == .failed else { throw error }
      for (delivery, told) in read {
        do throws(SourceError) {
          digest.changes.add(try changes(of: told))
        } catch {
          guard error.code == .failed else { throw error }
          digest.poisoned.append((delivery, "the database cannot answer it"))
        }
      }
    }
  }

  private func changes(of told: Announcement) throws(SourceError) -> EntityChanges {
    guard let rows, !told.rows.isEmpty else { return told.changes }
    var changes = told.changes
    changes.add(
      try rows.changes(of: told.rows, by: .after(milliseconds: Digester.rowMilliseconds, awaited: false)))
    return changes
  }

  private func countTries(of deliveries: [Delivery]) -> [UInt64: UInt64] {
    var tries: [UInt64: UInt64] = [:]
    for delivery in deliveries {
      tries[delivery.tag] = coordination.count(Digester.name(of: delivery), by: 1, seconds: Digester.triesSeconds)
    }
    return tries
  }

  /// A broker gives a message a new number each time; its words stay.
  private static func name(of delivery: Delivery) -> String {
    "message:\(String(FNV.hash(delivery.body, from: FNV.hash(delivery.consumer.utf8)), radix: 16))"
  }
}
