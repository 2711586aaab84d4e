import Core
import Foundation
import Glibc
import Logging
import Testing

@testable import Gateway
@testable import Handlers

/// A worker in a thread of the test, with a route `/x` that answers, and one `/slow` that waits until the test lets it.
final class Worker {
  let path: String
  /// How often `/slow` has been asked for, and been let go.
  let slow = Flag()
  let release = Flag()
  /// How often the worker has begun to work, and what the test wants of it.
  let worked = Flag()
  let yielded = Flag()
  /// Set when what is to be done can be done.
  let ready = Flag()
  let ended = Flag()
  private let stop = SocketPair()
  private let listener: Int32

  /// - Parameters:
  ///   - work: how often there is work.
  ///   - isLong: whether work goes on until somebody waits.
  ///   - isHeldUp: whether it cannot be done before `ready` is set.
  ///   - isSpare: whether it is done only when there is nothing else to do, after a look.
  init(
    work: Int = 0, isLong: Bool = false, isHeldUp: Bool = false, isSpare: Bool = false,
    patience: FastCGIConnection.Patience = .init()
  ) {
    let (listener, path) = Sockets.listen()
    self.listener = listener
    self.path = path
    let stop = stop.takeServer()
    let (slow, release, worked, yielded, ended) = (slow, release, worked, yielded, ended)
    let ready = ready
    Thread.detachNewThread {
      let routes: [Router.Route] = [
        .init("GET", "x") { _, _ in .error(404, "answered") },
        .init("GET", "slow") { _, _ in
          let times = slow.count + 1
          slow.set()
          release.wait(times: times)
          return .error(404, "answered")
        },
      ]
      let run: (() -> Bool) -> Void = { isSomebodyWaiting in
        worked.set()
        while isLong, !isSomebodyWaiting() { usleep(1_000) }
        yielded.set()
      }
      let spareWork = FastCGIServer.SpareWork(every: 20, isThere: { worked.count < work }, run: run)
      let server = FastCGIServer(
        listener: listener, router: Router(roots: [], routes: routes, logger: Logger(label: "test")),
        hasWork: { !isSpare && worked.count < work && (!isHeldUp || ready.count > 0) }, hasBacklog: { isHeldUp },
        work: run, spareWork: isSpare ? spareWork : nil, logger: Logger(label: "test"))
      server.patience = patience
      server.run(untilReadable: stop)
      close(stop)
      ended.set()
    }
  }

  deinit {
    end()
    ended.wait()
    close(listener)
    unlink(path)
  }

  func end() { stop.send([1]) }

  func ask(_ uri: String, on socket: Int32) { Sockets.send(Records.head("GET", uri) + Records.endOfBody, to: socket) }

  func answer(on socket: Int32) -> Bool {
    let answer = Sockets.answer(from: socket)
    return answer.isEnded && answer.text.contains("answered")
  }
}

@Suite struct FastCGIServerTests {
  @Test func `spare work is done without a request, again and again, and ends when somebody comes`() {
    let worker = Worker(work: 2, isLong: true, isSpare: true)
    for times in 1...2 {
      worker.worked.wait(times: times)
      let socket = Sockets.connect(to: worker.path)
      worker.ask("/x", on: socket)
      #expect(worker.answer(on: socket))
      #expect(worker.yielded.count == times)
      close(socket)
    }
  }

  @Test func `a new connection is given its time, though another one comes`() {
    let worker = Worker()
    let first = Sockets.connect(to: worker.path)
    let second = Sockets.connect(to: worker.path)
    worker.ask("/x", on: second)
    // Long after a kept connection would have had to go.
    usleep(50_000)
    worker.ask("/x", on: first)
    #expect(worker.answer(on: first))
    #expect(worker.answer(on: second))
    close(first)
    close(second)
  }

  @Test func `work that could not be done at first is done though nobody asks for anything`() {
    let worker = Worker(work: 1, isHeldUp: true)
    let kept = Sockets.connect(to: worker.path)
    worker.ask("/x", on: kept)
    #expect(worker.answer(on: kept))
    // By now it waits, and had nothing that it could do.
    usleep(50_000)
    worker.ready.set()
    worker.worked.wait()
    #expect(worker.worked.count == 1)
    close(kept)
  }

  @Test func `a new connection that says nothing makes room in time`() {
    let worker = Worker(patience: .init(head: 50))
    let silent = (0..<3).map { _ in Sockets.connect(to: worker.path) }
    let other = Sockets.connect(to: worker.path)
    worker.ask("/x", on: other)
    #expect(worker.answer(on: other))
    for socket in silent {
      #expect(Sockets.isClosed(socket))
      close(socket)
    }
    close(other)
  }

  @Test func `an idle kept connection makes room for another`() {
    let worker = Worker(patience: .init(head: 60_000))
    let kept = Sockets.connect(to: worker.path)
    worker.ask("/x", on: kept)
    #expect(worker.answer(on: kept))
    let other = Sockets.connect(to: worker.path)
    worker.ask("/x", on: other)
    #expect(worker.answer(on: other))
    #expect(Sockets.isClosed(kept))
    close(kept)
    close(other)
  }

  @Test func `a busy kept connection makes room for another after a few requests`() {
    let worker = Worker()
    let kept = Sockets.connect(to: worker.path)
    worker.ask("/x", on: kept)
    #expect(worker.answer(on: kept))
    worker.ask("/slow", on: kept)
    worker.slow.wait()
    let other = Sockets.connect(to: worker.path)
    worker.ask("/x", on: other)
    worker.release.set()
    #expect(worker.answer(on: kept))
    // It may have been given up already: what matters is that it does not go on for ever.
    var requests = 0
    while requests < 10 {
      worker.ask("/x", on: kept)
      guard worker.answer(on: kept) else { break }
      requests += 1
    }
    #expect(requests <= 2)
    #expect(worker.answer(on: other))
    close(kept)
    close(other)
  }

  @Test func `work is done when nobody asks for anything, again and again until there is none`() {
    let worker = Worker(work: 3)
    #expect(worker.worked.wait(times: 3))
    let socket = Sockets.connect(to: worker.path)
    worker.ask("/x", on: socket)
    #expect(worker.answer(on: socket))
    close(socket)
  }

  @Test func `work is not begun while somebody waits, and told when somebody does`() {
    let worker = Worker(work: 100, isLong: true)
    #expect(worker.worked.wait())
    let before = worker.worked.count
    let first = Sockets.connect(to: worker.path)
    worker.ask("/slow", on: first)
    #expect(worker.slow.wait(), "the work has made room")
    #expect(worker.yielded.count == before)
    let second = Sockets.connect(to: worker.path)
    worker.ask("/slow", on: second)
    worker.release.set()
    #expect(worker.slow.wait(times: 2))
    #expect(worker.worked.count == before, "none between the two")
    worker.release.set()
    #expect(worker.answer(on: first) && worker.answer(on: second))
    #expect(worker.worked.wait(times: before + 1), "it is taken up again")
    close(first)
    close(second)
  }

  @Test func `a connection is not kept while there is work`() {
    let worker = Worker(work: 100, isLong: true)
    let socket = Sockets.connect(to: worker.path)
    worker.ask("/x", on: socket)
    #expect(worker.answer(on: socket))
    #expect(Sockets.isClosed(socket))
    close(socket)
  }

  @Test func `work is told of the end`() {
    let worker = Worker(work: 1, isLong: true)
    #expect(worker.worked.wait())
    worker.end()
    #expect(worker.ended.wait())
  }
}
