internal import CPQ
internal import Core

/// libpq, opened when a database is first asked.
final class PostgresLibrary {
  static let name = SharedLibrary.Name("libpq", files: ["libpq.so.5"], debianPackage: "libpq5")

  let backendPID: linernotes_PQbackendPID
  let clear: linernotes_PQclear
  let connectPoll: linernotes_PQconnectPoll
  let connectStartParams: linernotes_PQconnectStartParams
  let consumeInput: linernotes_PQconsumeInput
  let enterPipelineMode: linernotes_PQenterPipelineMode
  let errorMessage: linernotes_PQerrorMessage
  let exitPipelineMode: linernotes_PQexitPipelineMode
  let finish: linernotes_PQfinish
  let flush: linernotes_PQflush
  let getResult: linernotes_PQgetResult
  let getIsNull: linernotes_PQgetisnull
  let getLength: linernotes_PQgetlength
  let getValue: linernotes_PQgetvalue
  let isBusy: linernotes_PQisBusy
  let columnCount: linernotes_PQnfields
  let rowCount: linernotes_PQntuples
  let pipelineSync: linernotes_PQpipelineSync
  let putCopyData: linernotes_PQputCopyData
  let putCopyEnd: linernotes_PQputCopyEnd
  let resultErrorField: linernotes_PQresultErrorField
  let resultStatus: linernotes_PQresultStatus
  let sendPrepare: linernotes_PQsendPrepare
  let sendQuery: linernotes_PQsendQuery
  let sendQueryPrepared: linernotes_PQsendQueryPrepared
  let setErrorVerbosity: linernotes_PQsetErrorVerbosity
  let setNoticeReceiver: linernotes_PQsetNoticeReceiver
  let setSingleRowMode: linernotes_PQsetSingleRowMode
  let setNonblocking: linernotes_PQsetnonblocking
  let socket: linernotes_PQsocket
  let status: linernotes_PQstatus

  /// libpq 14, of 2021, is the first that has all of this.
  init() throws(LibraryFailure) {
    let library = try SharedLibrary(PostgresLibrary.name)
    backendPID = try library.function("PQbackendPID")
    clear = try library.function("PQclear")
    connectPoll = try library.function("PQconnectPoll")
    connectStartParams = try library.function("PQconnectStartParams")
    consumeInput = try library.function("PQconsumeInput")
    enterPipelineMode = try library.function("PQenterPipelineMode")
    errorMessage = try library.function("PQerrorMessage")
    exitPipelineMode = try library.function("PQexitPipelineMode")
    finish = try library.function("PQfinish")
    flush = try library.function("PQflush")
    getResult = try library.function("PQgetResult")
    getIsNull = try library.function("PQgetisnull")
    getLength = try library.function("PQgetlength")
    getValue = try library.function("PQgetvalue")
    isBusy = try library.function("PQisBusy")
    columnCount = try library.function("PQnfields")
    rowCount = try library.function("PQntuples")
    pipelineSync = try library.function("PQpipelineSync")
    putCopyData = try library.function("PQputCopyData")
    putCopyEnd = try library.function("PQputCopyEnd")
    resultErrorField = try library.function("PQresultErrorField")
    resultStatus = try library.function("PQresultStatus")
    sendPrepare = try library.function("PQsendPrepare")
    sendQuery = try library.function("PQsendQuery")
    sendQueryPrepared = try library.function("PQsendQueryPrepared")
    setErrorVerbosity = try library.function("PQsetErrorVerbosity")
    setNoticeReceiver = try library.function("PQsetNoticeReceiver")
    setSingleRowMode = try library.function("PQsetSingleRowMode")
    setNonblocking = try library.function("PQsetnonblocking")
    socket = try library.function("PQsocket")
    status = try library.function("PQstatus")
  }
}
