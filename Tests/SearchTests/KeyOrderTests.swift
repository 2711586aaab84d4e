import Testing

@testable import Search

/// The parts of a section, compared with what is found by looking at everything.
@Suite struct KeyOrderTests {
  final class Order {
    let keys: [(key: [UInt8], number: Int)]
    private let memory: [UnsafeMutableRawBufferPointer]
    let order: KeyOrder

    init(_ keys: [(key: [UInt8], number: Int)]) {
      self.keys = keys.sorted { $0.key == $1.key ? $0.number < $1.number : $0.key.lexicographicallyPrecedes($1.key) }
      var writer = KeyOrderWriter()
      var blocks: [UInt8] = []
      for (key, number) in self.keys { key.withUnsafeBytes { writer.append($0, number, to: &blocks) } }
      let minima = writer.finish()
      memory = [blocks, writer.heads, minima].map { bytes in
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        memory.copyBytes(from: bytes)
        return memory
      }
      order = KeyOrder(
        blocks: SectionBytes(UnsafeRawBufferPointer(memory[0])), heads: SectionBytes(UnsafeRawBufferPointer(memory[1])),
        minima: SectionBytes(UnsafeRawBufferPointer(memory[2])))
    }

    deinit { for part in memory { part.deallocate() } }

    func numbers(of key: [UInt8]) -> [Int] {
      var result: [Int] = []
      key.withUnsafeBufferPointer { key in
        order.forEach(key) {
          result.append($0)
          return true
        }
      }
      return result
    }

    func least(_ most: Int, beginning keys: [[UInt8]]) -> [Int] {
      var least = LeastNumbers(most)
      for key in keys { key.withUnsafeBufferPointer { order.collect(beginning: $0, into: &least) } }
      order.finish(&least)
      return least.numbers.sorted()
    }
  }

  @Test(arguments: [0, 1, 2, 31, 32, 33, 500, 20_000])
  func `keys are found by all and by their beginning`(count: Int) {
    var state: UInt64 = 7
    func random(_ bound: UInt64) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % bound)
    }
    var numbers = Array(0..<count)
    for index in numbers.indices { numbers.swapAt(index, random(UInt64(count))) }
    let order = Order(
      numbers.map { number in
        // Some are long and alike, some the same, some the beginning of another.
        let common = random(3) == 0 ? [UInt8](repeating: 97, count: random(30)) : []
        return (common + (0..<random(6)).map { _ in UInt8(97 + random(4)) }, number)
      })
    var asked: [[UInt8]] = [[], [97], [97, 98], [122], [0], [255], [UInt8](repeating: 97, count: 40)]
    for _ in 0..<200 where count > 0 {
      let key = order.keys[random(UInt64(count))].key
      asked.append(key)
      asked.append(Array(key.dropLast()))
      asked.append(key + [98])
    }
    for key in asked {
      #expect(order.numbers(of: key) == order.keys.filter { $0.key == key }.map(\.number), "\(key)")
      let all = order.keys.filter { $0.key.starts(with: key) }.map(\.number).sorted()
      #expect(order.least(30, beginning: [key]) == Array(all.prefix(30)), "\(key)")
    }
    let two = order.keys.filter { $0.key.starts(with: [97, 98]) || $0.key.starts(with: [99]) }.map(\.number).sorted()
    #expect(order.least(40, beginning: [[97, 98], [99]]) == Array(two.prefix(40)))
  }

  @Test(arguments: [1, 2, 127, 128, 129, 300, 5_000])
  func `lists of rows are read in order, and one beside another`(count: Int) throws {
    let sets = [3, 5, 7].map { step in (0..<count).map { $0 * step + $0 % 2 } }
    var bytes: [UInt8] = [1, 2, 3]
    let starts = sets.map { rows in
      let start = bytes.count
      PostingList.append(rows, to: &bytes)
      return start
    }
    try bytes.withUnsafeBytes { bytes in
      let section = SectionBytes(bytes)
      for (rows, start) in zip(sets, starts) {
        var list = try #require(PostingList(section, start))
        var read: [Int] = []
        while let row = list.row {
          read.append(row)
          list.advance()
        }
        #expect(read == rows)
        for target in [0, 1, count, 2 * count, 3 * count + 1, 8 * count] {
          var list = try #require(PostingList(section, start))
          list.advance(to: target)
          #expect(list.row == rows.first { $0 >= target })
        }
      }
      var common: [Int] = []
      PostingList.forEach(inAll: try starts.map { try #require(PostingList(section, $0)) }) {
        common.append($0)
        return true
      }
      #expect(common == sets[0].filter { sets[1].contains($0) && sets[2].contains($0) })
    }
  }
}
