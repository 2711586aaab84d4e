extension ProviderOptions {
  /// Changes when what is found would change for every artist and album: part of the keys of their documents.
  public var generation: String {
    (upstreams.map(\.name) + (wikipedia?.languages ?? [])).joined(separator: ",")
  }

  /// Every provider, the best first: its pictures and its overview go before those of the later ones.
  var upstreams: [any Upstream] {
    var list: [any Upstream] = []
    if let fanart { list.append(FanartTV(fanart, timeoutMilliseconds: answerMilliseconds)) }
    if let wikipedia { list.append(Wikipedia(wikipedia)) }
    if let theAudioDB { list.append(TheAudioDB(theAudioDB, timeoutMilliseconds: answerMilliseconds)) }
    if let wikipedia { list.append(WikimediaCommons(wikipedia)) }
    return list
  }
}
