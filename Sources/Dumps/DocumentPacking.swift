internal import Cache
internal import Core
internal import Dataset
internal import Documents
internal import Metadata

/// A document in the form of the file.
struct PackedDocument: Sendable {
  var key: CacheKey
  var bytes: [UInt8]
}

/// Makes documents of one kind, and brings them into the form of the file.
struct DocumentPacking: Sendable {
  private let kind: CacheKey.Kind
  private let seed: UInt32
  private let loose: CutDocuments
  private let compressed: CutDocuments
  /// nil while samples are taken.
  private var squeezer: DatasetSqueezer?

  /// Longer ones would have to be compressed for each answer, and share little with others.
  private static let longestSqueezed = 16 << 10

  init(_ kind: CacheKey.Kind, _ catalog: Catalog.Options) {
    self.kind = kind
    seed = Document.packingSeed(kind: kind.name)
    loose = CutDocuments(catalog, .none)
    compressed = CutDocuments(catalog)
  }

  /// A document as it is squeezed; nil where it is too large for that.
  func sample(_ id: MBID, _ make: (CutDocuments) -> Document) -> [UInt8]? {
    let packed = make(loose).packed(as: id, seed: seed)
    return packed.count <= DocumentPacking.longestSqueezed ? packed : nil
  }

  /// The same, having learned what the documents have in common.
  func learned(from samples: [[UInt8]], _ writer: DatasetWriter) throws(DumpError) -> DocumentPacking {
    var learned = self
    let squeezer = try DumpError.writing { () throws(DatasetError) in try DatasetSqueezer(samples: samples) }
    writer.setDictionary(of: squeezer, for: kind)
    learned.squeezer = squeezer
    return learned
  }

  func pack(_ id: MBID, _ make: (CutDocuments) -> Document) -> PackedDocument {
    let key = CacheKey(kind, id)
    guard let squeezer else { return PackedDocument(key: key, bytes: make(compressed).packed(as: id, seed: seed)) }
    if let packed = sample(id, make) { return PackedDocument(key: key, bytes: squeezer.record(of: packed)) }
    return PackedDocument(
      key: key, bytes: DatasetSqueezer.record(whole: make(compressed).packed(as: id, seed: seed)))
  }
}
