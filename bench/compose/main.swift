internal import Glibc

// What composing an answer costs: the nanoseconds of copying out a body that is one fragment, and of one of the same
// bytes in many. Built together with the sources of Sources/Cache that it measures:
//
//   compose LENGTH FRAGMENTS      prints "one many": nanoseconds for each

func nanoseconds(_ body: Body) -> Double {
  let output = OutputBuffer()
  let rounds = max(200, 100_000_000 / max(1, body.plainLength * 2))
  var best = Double.infinity
  for _ in 0..<7 {
    var start = timespec()
    var end = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start)
    for _ in 0..<rounds {
      output.reset()
      output.reserve(body.gzipLength)
      body.appendGzip(to: output)
    }
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end)
    let seconds = Double(end.tv_sec - start.tv_sec) + Double(end.tv_nsec - start.tv_nsec) / 1e9
    best = min(best, seconds * 1e9 / Double(rounds))
  }
  return best
}

let arguments = CommandLine.arguments.compactMap { Int($0) }
guard arguments.count == 2, arguments[1] > 0 else {
  print("usage: compose LENGTH FRAGMENTS")
  exit(2)
}
let (length, count) = (arguments[0], arguments[1])

// Compresses about as JSON with many MBIDs does.
var state: UInt64 = 1
let text = (0..<length).map { index -> UInt8 in
  state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
  return index % 100 < 36 ? Array("0123456789abcdef".utf8)[Int(state >> 60)] : UInt8(32 + index % 100)
}
let piece = length / count
let whole = Body([Fragment(text)])
let parts = Body(
  (0..<count).map { index in
    Fragment(Array(text[(index * piece)..<(index == count - 1 ? length : (index + 1) * piece)]))
  })
print(Int(nanoseconds(whole)), Int(nanoseconds(parts)))
