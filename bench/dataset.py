"""How fast a dataset file answers, beside memcached. Called by scripts/bench-dataset.

    dataset.py DIR SOURCES FILE SECONDS ROUNDS WORKERS

DIR is an instance with generated rows, FILE a dataset file built of them. Pictures and overviews come from a provider
that answers here: both pools have asked for them, and keep them, before anything is measured.
"""

import http.server
import json
import os
import subprocess
import sys
import threading
import time

from bench import COLD, Entity
from measuring import Group, cgi, fetch, first_answer, load, middle, typical

DIRECTORY, SOURCES, FILE = sys.argv[1:4]
SECONDS, ROUNDS, WORKERS = (int(argument) for argument in sys.argv[4:])
ASKED = [pair for pair in COLD if pair[1] != "compilation-300"]
OVERVIEW = "A band from somewhere, that has made records and played in places. " * 12
COLD_RUNS = 15


class Provider(http.server.BaseHTTPRequestHandler):
    """fanart.tv, Wikidata and Wikipedia, as far as anybody asks."""

    protocol_version = "HTTP/1.1"
    albums = set()

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        path, _, query = self.path.partition("?")
        if path.startswith("/fanart/"):
            gid = path.rpartition("/")[2]
            pictures = [{"id": "1", "url": f"https://assets.fanart.tv/fanart/music/{gid}/{n}.jpg"} for n in range(4)]
            if gid in self.albums:
                answer = {"mbid_id": gid, "albums": {gid: {"albumcover": pictures[:1], "cdart": pictures[1:2]}}}
            else:
                answer = dict(zip(("musicbanner", "artistbackground", "hdmusiclogo", "artistthumb"),
                                  ([picture] for picture in pictures)))
                answer["mbid_id"] = gid
        elif "wbgetentities" in query:
            item = query.partition("ids=")[2].partition("&")[0]
            answer = {"entities": {item: {"id": item, "descriptions": {}, "sitelinks": {"enwiki": {"title": item}}}}}
        elif "extracts" in query:
            answer = {"query": {"pages": [{"title": "page", "extract": OVERVIEW}]}}
        else:
            return self.reply(404, b'{"status":"error"}')
        self.reply(200, json.dumps(answer).encode())

    def reply(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def servers(*arguments):
    output = subprocess.run([f"{SOURCES}/scripts/bench-servers", *arguments], check=True, capture_output=True,
                            text=True).stdout
    return dict(line.split("=", 1) for line in output.splitlines() if "=http" in line)


def entities():
    named = {}
    with open(f"{DIRECTORY}/entities.tsv") as lines:
        for line in lines:
            name, kind, gid = line.split()
            if kind == "album":
                Provider.albums.add(gid)
            named.setdefault(name, Entity(kind, gid))
    return named


def settle(entity, urls):
    """Has both pools answer the same, with all that providers say."""
    for _ in range(50):
        bodies = {}
        for name, url in urls.items():
            entity.read(url)
            bodies[name] = entity.plain
        if len(set(bodies.values())) == 1 and b"fanart" in entity.plain:
            return
        time.sleep(0.2)
    raise SystemExit(f"bench: {entity.path} is answered with other bytes from the file, or without pictures")


def warm(named, urls, groups):
    print("| answer | bytes | file req/s | memcached req/s | ratio | file p99 ms | memcached p99 ms "
          "| file CPU µs: app+nginx, all | memcached CPU µs: app+nginx+memcached, all | ratio |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    ratios, failed = {"": [], ", gzip": []}, 0
    for title, name in ASKED:
        entity = named[name]
        settle(entity, urls)
        for suffix, headers, body in (("", {}, entity.plain),
                                      (", gzip", {"Accept-Encoding": "gzip"}, entity.zipped)):
            runs = {server: [] for server in urls}
            for number in range(ROUNDS):
                # Backwards every other time, so that nobody always follows the same one.
                for server in list(urls)[:: -1 if number % 2 else 1]:
                    run = load(urls[server] + entity.path, SECONDS, groups[server], headers, connections=WORKERS)
                    failed += run.failed
                    runs[server].append(run)
            rate = middle([file.rate / other.rate for file, other in zip(runs["file"], runs["warm"])])
            file, other = typical(runs["file"]), typical(runs["warm"])
            total = {run: sum(run.cpu.values()) for run in (file, other)}
            ratios[suffix].append((rate, total[file] / total[other]))
            cpu = {run: "+".join(f"{value:.0f}" for value in run.cpu.values()) + f", {total[run]:,.0f}" for run in total}
            print(f"| {title}{suffix} | {len(body) / 1000:,.1f} KB | {file.rate:,.0f} | {other.rate:,.0f} | {rate:.2f} "
                  f"| {file.p99:.1f} | {other.p99:.1f} | {cpu[file]} | {cpu[other]} | {total[file] / total[other]:.2f} |",
                  flush=True)
    print()
    for title, suffix in (("without gzip", ""), ("with gzip", ", gzip")):
        rates, cpu = zip(*ratios[suffix])
        print(f"{title}: requests a second {middle(rates):.2f} of memcached's ({min(rates):.2f} to {max(rates):.2f}), "
              f"CPU {middle(cpu):.2f} ({min(cpu):.2f} to {max(cpu):.2f})")
    return failed


def forget():
    """Has the kernel forget the file's pages, which nobody may have mapped.

    Returns: how many bytes it has kept."""
    descriptor = os.open(FILE, os.O_RDONLY)
    os.fsync(descriptor)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(descriptor)
    return int(subprocess.run(["fincore", "--bytes", "--noheadings", "--output", "RES", FILE], check=True,
                              capture_output=True, text=True).stdout)


def cold(named):
    with open(f"{DIRECTORY}/settings") as file:
        settings = dict(line.rstrip("\n").split("=", 1) for line in file if "=" in line)
    environment = {name: value for name, value in settings.items() if not name.startswith("CACHE__POSTGRES")}
    environment = {**os.environ, **environment, "MEMCACHED_SERVERS": "", "SWIFT_BACKTRACE": "enable=no",
                   "MUSICBRAINZ__SOURCE": "webservice", "DATASET": FILE,
                   "CACHE__POSTGRES_URL": f"sqlite:///{DIRECTORY}/file-store/linernotes.db"}
    binary, path = settings["POOL_BINARY"], f"{DIRECTORY}/run/start.sock"
    print(f"\nFrom starting a process to the end of its first answer, from a file of {os.path.getsize(FILE) >> 20} MB, "
          f"milliseconds (median of {COLD_RUNS}, least, greatest):\n")
    print("| answer | pool of one | after the kernel has forgotten the file | CGI | after the kernel has forgotten the file |")
    print("|---|---:|---:|---:|---:|")
    for title, name in (("artist, 3 albums", "artist-small"), ("album, 77 tracks", "album-77"),
                        ("album, 952 tracks", "album-950")):
        uri, columns, kept = named[name].path, [], 0
        for ask in (lambda: first_answer(binary, environment, path, 1, uri),
                    lambda: cgi(binary, environment, uri)[1]):
            for forgets in (False, True):
                times = []
                ask()
                for _ in range(COLD_RUNS):
                    if forgets:
                        kept = max(kept, forget())
                    times.append(ask())
                columns.append(f"{middle(times):.1f} ({min(times):.1f}, {max(times):.1f})")
        print(f"| {title} | {' | '.join(columns)} |", flush=True)
        if kept > 1 << 20:
            print(f"\n{kept >> 20} MB of the file stayed in memory")


def main():
    named = entities()
    provider = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=provider.serve_forever, daemon=True).start()
    urls = servers("beside", DIRECTORY, str(WORKERS), FILE, f"http://127.0.0.1:{provider.server_port}")
    groups = {
        "file": {"app": Group(DIRECTORY, "file"), "nginx": Group(DIRECTORY, "file-nginx")},
        "warm": {"app": Group(DIRECTORY, "warm"), "nginx": Group(DIRECTORY, "warm-nginx"),
                 "memcached": Group(DIRECTORY, "warm-memcached")},
    }
    failed = warm(named, urls, groups)
    servers("stop", DIRECTORY)
    cold(named)
    if failed:
        raise SystemExit(f"bench: {failed} requests were not answered with 200")


main()
