internal import Core
internal import Metadata
internal import Postgres

extension MusicBrainzDatabase {
  func timedChanges(
    after position: ChangePosition, _ state: ChangeState, limit: Int, by deadline: Deadline
  ) throws(SourceError) -> ChangeBatch {
    position.batch()
  }
}
