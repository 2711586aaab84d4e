import Foundation
import Testing

/// `linernotes lidarr` and `deploy/lidarr/switch` do the same.
@Suite(.enabled(if: LidarrUnderTest.canRun, "no python3")) struct SwitchTests {
  @Test(arguments: Way.allCases)
  func `the setting is saved, changed and tried, and goes back to what it was`(way: Way) throws {
    let lidarr = try LidarrUnderTest()
    let first = try way.run(lidarr, ["--to", lidarr.server("ok") + "/"])
    #expect(first.status == 0, "\(first)")
    #expect(first.text.contains("asks \(lidarr.server("ok")) now") && first.text.contains("2 results"), "\(first)")
    #expect(try lidarr.source() == lidarr.server("ok"))
    // The whole object, with what was set besides.
    let body = try #require(lidarr.bodies.first)
    #expect(body.contains(#""writeAudioTags": "sync""#) && body.contains(#""scrubAudioTags": true"#))
    #expect(lidarr.saved().values.allSatisfy { $0 == 0o600 } && lidarr.saved().count == 1, "\(lidarr.saved())")

    let again = try way.run(lidarr, ["--to", lidarr.server("ok")])
    #expect(again.status == 0 && again.text.contains("already") && lidarr.bodies.count == 1, "\(again)")
    let shown = try way.run(lidarr, ["--show"])
    #expect(shown.status == 0 && shown.text.contains(lidarr.server("ok")), "\(shown)")
    #expect(shown.text.contains("before: its own server"), "\(shown)")

    let back = try way.run(lidarr, ["--revert"])
    #expect(back.status == 0 && back.text.contains("its own server"), "\(back)")
    #expect(try lidarr.source() == "")
    #expect(lidarr.saved().isEmpty)
    let repeated = try way.run(lidarr, ["--revert"])
    #expect(repeated.status == 0 && repeated.text.contains("already"), "\(repeated)")
  }

  @Test(arguments: Way.allCases)
  func `after several changes it goes back to what was there before the first`(way: Way) throws {
    let lidarr = try LidarrUnderTest(
      object: #"{"metadataSource":"http:\/\/127.0.0.1:9\/a\u0026b","writeAudioTags":"no","id":1}"#)
    for kind in ["ok", "ok/api/v0.4", "ok"] {
      let way = kind == "ok" ? way : Way.allCases.first { $0 != way } ?? way
      #expect(try way.run(lidarr, ["--force", "--to", lidarr.server(kind)]).text.contains("now"))
    }
    let back = try way.run(lidarr, ["--revert"])
    // Nobody listens there, which is said, and is what was asked for.
    #expect(back.status == 0 && back.text.contains("notice: a search fails there"), "\(back)")
    #expect(try lidarr.source() == "http://127.0.0.1:9/a&b")
  }

  static let odd = """
    {\r
      "id": 1, "unknown": {"metadataSource": ["}", "\\"]", "\\\\"], "n": 1.0E+2},\t"big": 12345678901234567890123,
      "text": "tab\\t \\u00e9 \\/ é 🎵 \\ud83c\\udfb5 %s $(id) `id` \\"quoted\\" & \\\\1", "metadataSource" : null ,
      "writeAudioTags": "sync", "empty": [ ], "none": { }, "scrubAudioTags": true, "embedCoverArt": false }
    """

  @Test(arguments: Way.allCases)
  func `whatever else is in the object stays as it is written, byte for byte`(way: Way) throws {
    let lidarr = try LidarrUnderTest(object: SwitchTests.odd)
    let outcome = try way.run(lidarr, ["--to", lidarr.server("ok")])
    #expect(outcome.status == 0, "\(outcome)")
    #expect(
      lidarr.bodies == [
        SwitchTests.odd.replacing(#""metadataSource" : null"#, with: #""metadataSource" : "\#(lidarr.server("ok"))""#)
      ])
    #expect(try lidarr.source() == lidarr.server("ok"))
  }

  @Test(
    arguments: Way.allCases,
    [
      "{", "", "[]", #"{"metadataSource":"","id":1"#, #"{"metadataSource":"","id":1}}"#,
      #"{"metadataSource":"\x","id":1}"#,
      #"{"metadataSource":"","metadatasource":"","id":1}"#, #"{"metadataSource":1,"id":1}"#, #"{"metadataSource":""}"#,
      #"{"metadataSource":"","id":0}"#, #"{"metadataSource":"","id":"x"}"#, "{\"metadataSource\":\"\",\"id\":1}\0",
      "{\"metadataSource\":\"a\nb\",\"id\":1}",
    ])
  func `an object that is not understood is left alone`(way: Way, object: String) throws {
    // The command reads some of what no server writes, and puts back what it has read.
    if way == .command, object.contains("\\x") { return }
    let lidarr = try LidarrUnderTest(object: object)
    let outcome = try way.run(lidarr, ["--to", lidarr.server("ok")])
    #expect(outcome.status == 1 && outcome.error.hasPrefix("Error: "), "\(outcome)")
    #expect(lidarr.bodies.isEmpty && lidarr.saved().isEmpty)
  }

  // MARK: - The key

  @Test(arguments: Way.allCases)
  func `the key comes from a file, the environment or standard input`(way: Way) throws {
    let lidarr = try LidarrUnderTest()
    let file = lidarr.directory + "/key"
    try Data("\(lidarr.key)\r\n".utf8).write(to: URL(fileURLWithPath: file))
    for (arguments, environment, input) in [
      (["--key-file", file], [:], ""), ([], ["LIDARR_API_KEY_FILE": file], ""), ([], [:], " \(lidarr.key)\n"),
      ([], [:], lidarr.key), (["--key-file=\(file)"], ["LIDARR_API_KEY": "wrong"], "wrong"),
    ] as [([String], [String: String], String)] {
      let outcome = try way.run(lidarr, ["--show"] + arguments, hasKey: false, environment: environment, input: input)
      #expect(outcome.status == 0, "\(arguments) \(environment): \(outcome)")
    }
    for key in ["", "wrong", "two words", "quo\"te", "back\\slash"] {
      let outcome = try way.run(lidarr, ["--to", lidarr.server("ok")], hasKey: false, input: key + "\n")
      #expect(outcome.status == 1 && outcome.error.contains("key"), "\(key): \(outcome)")
    }
    let missing = try way.run(lidarr, ["--show", "--key-file", "/nowhere"], hasKey: false)
    #expect(missing.status == 1 && missing.error.contains("/nowhere"))
    #expect(lidarr.bodies.isEmpty)
  }

  // MARK: - What may be there instead of Lidarr

  static let strangers: [([String], String)] = [
    (["--old"], "a newer one can"), (["--sonarr"], "Sonarr and Radarr"), (["--app", "Readarr"], "this is Readarr"),
    (["--login"], "redirects to"), (["--login-page"], "proxy"), (["--login-401"], "proxy in front of Lidarr"),
    (["--elsewhere"], "The key was not sent there"), (["--garbage"], "not HTTP"),
    (["--refuse-put"], "Invalid Url: 'not a url'"), (["--broken-put"], "500: database is locked"),
    (["--drop-put"], "not HTTP"), (["--ignore-put"], "all the same"),
  ]

  @Test(arguments: Way.allCases, strangers)
  func `whatever is wrong is said, and nothing is changed`(way: Way, how: ([String], String)) throws {
    let lidarr = try LidarrUnderTest(how.0)
    let outcome = try way.run(lidarr, ["--to", lidarr.server("ok")])
    #expect(outcome.status == 1 && outcome.error.contains(how.1), "\(outcome)")
    #expect(!outcome.error.contains("\u{1b}"))
    if !["--login", "--login-page", "--login-401", "--elsewhere", "--garbage", "--old"].contains(how.0[0]) {
      #expect(try lidarr.source() == "")
    }
    #expect(!lidarr.requests.contains("server /ok/api/v1/system/status"))
  }

  @Test(arguments: Way.allCases)
  func `a change whose answer gets lost is found by reading again`(way: Way) throws {
    let lidarr = try LidarrUnderTest(["--lose-put"])
    let outcome = try way.run(lidarr, ["--to", lidarr.server("ok")])
    #expect(outcome.status == 0 && outcome.text.contains("now"), "\(outcome)")
  }

  @Test(arguments: Way.allCases)
  func `a URL base is found where it is missing, and a wrong one is told`(way: Way) throws {
    let lidarr = try LidarrUnderTest(["--base", "/music"])
    for url in [lidarr.url, lidarr.url + "/", lidarr.url + "/music", lidarr.url + "/music/"] {
      let outcome = try way.run(lidarr, url: url, ["--to", lidarr.server("ok")])
      #expect(outcome.status == 0 && outcome.text.contains(lidarr.server("ok")), "\(url): \(outcome)")
    }
    #expect(try lidarr.source() == lidarr.server("ok"))
    let plain = try LidarrUnderTest()
    let wrong = try way.run(plain, url: plain.url + "/music", ["--show"])
    #expect(wrong.status == 1 && wrong.error.contains("URL base"), "\(wrong)")
  }

  @Test(arguments: Way.allCases)
  func `a certificate that nobody trusts is refused, unless one says otherwise`(way: Way) throws {
    let lidarr = try LidarrUnderTest(tls: true)
    let refused = try way.run(lidarr, url: lidarr.secureURL, ["--show"])
    #expect(refused.status == 1 && refused.error.contains("not trusted"), "\(refused)")
    #expect(lidarr.requests.isEmpty)
    #expect(try way.run(lidarr, url: lidarr.secureURL, ["--show", "--insecure"]).status == 0)
    #expect(try way.run(lidarr, url: lidarr.secureURL, ["--show", "--ca-file", lidarr.certificate]).status == 0)
    let plain = try way.run(lidarr, url: lidarr.url.replacing("http:", with: "https:"), ["--show", "--insecure"])
    #expect(plain.status == 1 && plain.error.contains("http or https"), "\(plain)")
    let nobody = try way.run(lidarr, url: "http://127.0.0.1:9", ["--show"])
    #expect(nobody.status == 1 && nobody.error.contains("cannot connect"), "\(nobody)")
  }

  // MARK: - The metadata server

  @Test(
    arguments: Way.allCases,
    [
      ("page", "neither Linernotes nor"), ("other", "neither Linernotes nor"),
      ("busy", "MusicBrainz cannot be reached"),
      ("moved", "redirects to"),
    ])
  func `the metadata server is asked first`(way: Way, kind: (String, String)) throws {
    let lidarr = try LidarrUnderTest()
    let outcome = try way.run(lidarr, ["--to", lidarr.server(kind.0)])
    #expect(outcome.status == 1 && outcome.error.contains(kind.1), "\(outcome)")
    #expect(!lidarr.requests.contains { !$0.hasPrefix("server ") }, "Lidarr was asked")
  }

  @Test(arguments: Way.allCases)
  func `what is wrong between Lidarr and the server is told apart`(way: Way) throws {
    let lidarr = try LidarrUnderTest(["--contained"], tls: true)
    for (server, words) in [
      ("http://127.0.0.1:9", "cannot reach"), ("https://127.0.0.1:\(lidarr.ports.serverTLS ?? 0)/ok", "does not trust"),
      (lidarr.server("busy"), "answers 503"), (lidarr.server("page"), "not JSON"),
    ] {
      let outcome = try way.run(lidarr, ["--force", "--to", server, "--search", "söngs & more"])
      #expect(outcome.status == 3 && outcome.error.contains(words), "\(server): \(outcome)")
      #expect(outcome.error.contains("--revert"))
      #expect(outcome.text.contains("Lidarr runs in a container"))
      #expect(try lidarr.source() == server)
    }
    #expect(lidarr.requests.contains { $0.contains("term=s%C3%B6ngs%20%26%20more") })
    #expect(try way.run(lidarr, ["--revert"]).status == 0)
    #expect(try lidarr.source() == "")
  }

  // MARK: - The command line, and the directory

  @Test(
    arguments: Way.allCases,
    [
      [], ["--to"], ["--to", "http://x", "--revert"], ["--show", "--revert"], ["--show", "--nonsense"],
      ["--show", "--insecure", "--ca-file", "/dev/null"],
    ])
  func `what cannot be meant is refused`(way: Way, arguments: [String]) throws {
    let lidarr = try LidarrUnderTest()
    #expect(try way.run(lidarr, arguments).status == 64)
    #expect(lidarr.requests.isEmpty)
  }

  @Test(
    arguments: Way.allCases,
    [
      "lidarr:8686", "http://user:secret@127.0.0.1", "http://x y", "http://127.0.0.1/?a=b", "http://x/\"",
      "http://x/\n-o x",
    ])
  func `an address that is none is refused`(way: Way, url: String) throws {
    let lidarr = try LidarrUnderTest()
    for words in [["--to", url], ["--to", "http://127.0.0.1:9"]] {
      let outcome = try way.run(lidarr, url: words[1] == url ? nil : url, ["--force"] + words)
      #expect(
        outcome.status == 1 && (outcome.error.contains("--url:") || outcome.error.contains("--to:")), "\(outcome)")
    }
    #expect(lidarr.requests.isEmpty)
  }

  @Test(arguments: Way.allCases)
  func `nothing is changed that could not be saved, and damage is told`(way: Way) throws {
    let lidarr = try LidarrUnderTest()
    try Data().write(to: URL(fileURLWithPath: lidarr.directory + "/file"))
    let refused = try way.run(
      lidarr, ["--to", lidarr.server("ok")], environment: ["STATE_DIRECTORY": lidarr.directory + "/file"])
    #expect(refused.status == 1 && refused.error.contains("STATE_DIRECTORY"), "\(refused)")
    #expect(lidarr.bodies.isEmpty)
    #expect(try way.run(lidarr, ["--to", lidarr.server("ok")]).status == 0)
    let name = try #require(lidarr.saved().keys.first)
    try Data("nonsense".utf8).write(to: URL(fileURLWithPath: "\(lidarr.directory)/state/\(name)"))
    let damaged = try way.run(lidarr, ["--revert"])
    #expect(damaged.status == 1 && damaged.error.contains("remove it"), "\(damaged)")
    #expect(try lidarr.source() == lidarr.server("ok"))
  }

  static let shells = [["/bin/sh"], ["/bin/dash"], ["/bin/bash", "--posix"], ["/bin/mksh"], ["/bin/busybox", "sh"]]
  static let awks = ["/usr/bin/mawk", "/usr/bin/gawk", "/bin/busybox"]

  @Test(arguments: shells.filter { FileManager.default.isExecutableFile(atPath: $0[0]) })
  func `the script needs no particular shell and no particular awk`(shell: [String]) throws {
    for awk in SwitchTests.awks where FileManager.default.isExecutableFile(atPath: awk) {
      let lidarr = try LidarrUnderTest(object: SwitchTests.odd)
      try FileManager.default.createSymbolicLink(
        atPath: lidarr.directory + "/awk", withDestinationPath: awk)
      let path = lidarr.directory + ":/usr/bin:/bin"
      let outcome = try Way.script.run(lidarr, ["--to", lidarr.server("ok")], shell: shell, path: path)
      #expect(outcome.status == 0 && outcome.text.contains("2 results"), "\(awk): \(outcome)")
      #expect(
        lidarr.bodies == [
          SwitchTests.odd.replacing(
            #""metadataSource" : null"#, with: #""metadataSource" : "\#(lidarr.server("ok"))""#)
        ], "\(awk)")
      let back = try Way.script.run(lidarr, ["--revert"], shell: shell, path: path)
      #expect(back.status == 0, "\(awk): \(back)")
      #expect(try lidarr.source() == "", "\(awk)")
    }
  }
}
