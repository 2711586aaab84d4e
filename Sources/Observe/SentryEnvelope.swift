internal import Core

/// An error report in the form that Sentry's envelope endpoint takes: three lines of JSON, the second of which tells how
/// long the third is.
struct SentryEnvelope {
  var release: String
  var environment: String
  var serverName: String?
  var version: String

  func bytes(of report: ErrorReport, sent milliseconds: Int64) -> [UInt8] {
    let payload = event(report)
    var json = JSONWriter(reservingCapacity: payload.count + 400)
    json.raw(#"{"event_id":"#)
    json.string(report.id)
    json.raw(#","sent_at":"#)
    json.string(UnixTime.iso8601(milliseconds: milliseconds))
    json.raw(#","sdk":"#)
    sdk(&json)
    json.raw("}\n{\"type\":\"event\",\"content_type\":\"application/json\",\"length\":")
    json.integer(payload.count)
    json.raw("}\n")
    return json.bytes + payload + [UInt8(ascii: "\n")]
  }

  private func event(_ report: ErrorReport) -> [UInt8] {
    var json = JSONWriter(reservingCapacity: 1_024)
    json.raw(#"{"event_id":"#)
    json.string(report.id)
    pair(&json, "timestamp", UnixTime.iso8601(milliseconds: report.milliseconds))
    pair(&json, "platform", "native")
    pair(&json, "level", report.level.rawValue)
    pair(&json, "logger", report.logger)
    if let request = report.request { pair(&json, "transaction", "\(request.method) \(request.route.name)") }
    if let serverName { pair(&json, "server_name", serverName) }
    pair(&json, "release", release)
    pair(&json, "environment", environment)
    json.raw(#","fingerprint":"#)
    json.strings(report.fingerprint)
    json.raw(#","tags":{"#)
    for (index, tag) in tags(report).enumerated() {
      if index > 0 { json.raw(",") }
      json.string(tag.name)
      json.raw(":")
      json.string(tag.value)
    }
    json.raw(#"},"contexts":{"os":{"name":"Linux"},"runtime":{"name":"Swift"},"app":{"app_name":"linernotes""#)
    pair(&json, "app_version", version)
    json.raw(#"}},"exception":{"values":[{"type":"#)
    json.string(report.type)
    pair(&json, "value", report.value)
    mechanism(report, &json)
    json.raw("}]}")
    if let request = report.request {
      json.raw(#","request":{"method":"#)
      json.string(request.method)
      pair(&json, "url", SentryEnvelope.text("/" + request.path.joined(separator: "/")))
      if !request.parameters.isEmpty {
        pair(&json, "query_string", SentryEnvelope.text(request.parameters.joined(separator: "&")))
      }
      json.raw("}")
    }
    json.raw(#","sdk":"#)
    sdk(&json)
    json.raw("}")
    return json.bytes
  }

  /// What is looked for in the tracker.
  private func tags(_ report: ErrorReport) -> [(name: String, value: String)] {
    var tags: [(name: String, value: String)] = []
    if let request = report.request {
      tags.append(("entity", request.route.name))
      if let id = request.path.lazy.compactMap({ MBID($0) }).first { tags.append(("mbid", "\(id)")) }
    }
    if let id = report.requestID { tags.append(("request_id", SentryEnvelope.text(id))) }
    return tags
  }

  private func mechanism(_ report: ErrorReport, _ json: inout JSONWriter) {
    guard let signal = report.signal else {
      json.raw(#","mechanism":{"type":"generic","handled":"#)
      json.boolean(report.level != .fatal)
      json.raw("}")
      return
    }
    json.raw(#","mechanism":{"type":"signalhandler","handled":false,"synthetic":true,"meta":{"signal":{"number":"#)
    json.integer(Int(signal.number))
    pair(&json, "name", signal.name)
    json.raw("}}}")
  }

  private func sdk(_ json: inout JSONWriter) {
    json.raw(#"{"name":"linernotes.swift""#)
    pair(&json, "version", version)
    json.raw("}")
  }

  private func pair(_ json: inout JSONWriter, _ name: StaticString, _ value: String) {
    json.raw(",\"")
    json.raw(name)
    json.raw("\":")
    json.string(value)
  }

  /// What a client has made up: short, on one line, without addresses.
  private static func text(_ text: String) -> String {
    LogText.shortened(LogText.escaped(Scrubbing.withoutAddresses(Scrubbing.withoutSecrets(text))), to: 200)
  }
}
