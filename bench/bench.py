"""Measures Linernotes beside its floors and writes the report. Run by scripts/bench, which makes what this needs.

    bench.py DIR TOOLS SOURCES REPORT SECONDS ROUNDS WORKERS

DIR: an instance of scripts/stack with generated rows; TOOLS: a directory with the compiled programs of bench/;
SOURCES: the checkout; SECONDS: of one run of wrk; ROUNDS: how often each is run; WORKERS: processes of the large pool.
"""

import gzip
import json
import os
import re
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.parse
import uuid

import report
from measuring import Group, cgi, fetch, first_answer, lines_of, load, middle, percentile, typical

DEFAULT_WORKERS = 4
FLOORS = ("static", "floor", "direct")

# What is asked for warm: a name in the report, an entity of the generator.
WARM = [
    ("artist, 3 albums", "artist-small"), ("album, 2 tracks", "album-small"), ("album, 77 tracks", "album-77"),
    ("album, 952 tracks", "album-950"), ("album, 3,304 tracks", "album-3300"),
    ("artist, 1,000 albums", "artist-1000"), ("artist, 6,000 albums", "artist-6000"),
    ("compilation, 300 artists", "compilation-300"), ("search, 10 hits", "search"),
]
SMALL_POOL = ("artist-small", "album-small", "album-77", "album-950")
COLD = [
    ("artist, 3 albums", "artist-small"), ("artist, 1,000 albums", "artist-1000"),
    ("artist, 6,000 albums", "artist-6000"), ("album, 2 tracks", "album-small"), ("album, 10 tracks", "album-10"),
    ("album, 77 tracks", "album-77"), ("album, 952 tracks", "album-950"), ("album, 3,304 tracks", "album-3300"),
    ("compilation, 300 artists", "compilation-300"),
]
ARTIST_SQL = ("populated", "artists", "release_statuses", "artist_albums")
ALBUM_SQL = ("populated", "albums", "album_releases", "album_release_events", "album_labels", "album_media",
             "album_credits", "album_tracks", "album_covers")
ALBUM_ARTISTS_SQL = ("populated", "artists")


def say(text):
    print(text, flush=True)


def documents(memcached):
    """The keys of the artists and albums that memcached has."""
    with socket.socket(socket.AF_UNIX) as connection, connection.makefile("rw") as lines:
        connection.connect(memcached)
        lines.write("lru_crawler metadump all\r\n")
        lines.flush()
        keys = [urllib.parse.unquote(line.split()[0].removeprefix("key=")) for line in iter(lines.readline, "END\n")]
    return [key for key in keys if re.search(":(artist|artist-albums|album):[-0-9a-f]+$", key)]


class Entity:
    """Something to ask for, with the answer in both forms."""

    def __init__(self, kind, gid):
        self.kind, self.gid = kind, gid
        self.asked = self.path = f"/{kind}/{gid}"

    @classmethod
    def search(cls, text):
        """A search; the floors have its answer under the path alone."""
        entity = cls("search", "all")
        entity.asked += "?query=" + urllib.parse.quote(text)
        return entity

    def read(self, url):
        status, headers, self.plain = fetch(url + self.asked)
        zipped_status, zipped_headers, self.zipped = fetch(url + self.asked, {"Accept-Encoding": "gzip"})
        self.tag = headers["ETag"]
        if (status, zipped_status, zipped_headers["Content-Encoding"]) != (200, 200, "gzip"):
            raise SystemExit(f"bench: {self.path} does not answer as it should")
        if gzip.decompress(self.zipped) != self.plain:
            raise SystemExit(f"bench: {self.path}: plain and compressed bodies differ")


class Bench:
    def __init__(self, directory, tools, sources, seconds, rounds, workers):
        self.directory, self.tools, self.sources = directory, tools, sources
        self.seconds, self.rounds, self.workers = seconds, rounds, workers
        with open(f"{directory}/settings") as file:
            self.settings = dict(line.rstrip("\n").split("=", 1) for line in file if "=" in line)
        self.sockets = self.settings["SOCKETS"]
        self.entities, self.mixed, self.failures, self.requests = {}, [], {}, 0
        with open(f"{directory}/entities.tsv") as file:
            for line in file:
                name, kind, gid = line.split()
                if name == "mixed":
                    self.mixed.append(Entity(kind, gid))
                else:
                    self.entities[name] = Entity(kind, gid)
        self.entities["search"] = Entity.search(self.name("artist-1000"))

    def name(self, entity):
        url = "http://" + self.settings["NGINX_LISTEN"]
        return json.loads(fetch(url + self.entities[entity].path)[2])["artistname"]

    # Servers

    def start(self, workers):
        self.processes = workers
        output = subprocess.run([f"{self.sources}/scripts/bench-servers", "start", self.directory, str(workers),
                                 f"{self.tools}/floor"], check=True, capture_output=True, text=True).stdout
        self.urls = dict(line.split("=", 1) for line in output.splitlines() if "=http" in line)
        group = {name: Group(self.directory, name) for name in (
            "pool", "nginx", "memcached", "floor", "floor-nginx", "direct", "direct-nginx", "floor-memcached",
            "static-nginx", "kept-nginx", "alone", "alone-nginx")}
        self.groups = {
            "ours": {"app": group["pool"], "nginx": group["nginx"], "memcached": group["memcached"]},
            "floor": {"app": group["floor"], "nginx": group["floor-nginx"], "memcached": group["floor-memcached"]},
            "direct": {"app": group["direct"], "nginx": group["direct-nginx"], "memcached": group["floor-memcached"]},
            "static": {"nginx": group["static-nginx"]},
            "alone": {"app": group["alone"], "nginx": group["alone-nginx"]},
            "kept": {"app": group["pool"], "nginx": group["kept-nginx"], "memcached": group["memcached"]},
        }
        for entity in self.entities.values():
            entity.read(self.urls["ours"])
            self.give_to_floors(entity)
            # The search index is in the database that it does without.
            if entity.kind != "search" and fetch(self.urls["alone"] + entity.path)[2] != entity.plain:
                raise SystemExit(f"bench: with SQLite alone {entity.path} is answered with other bytes")

    def give_to_floors(self, entity):
        os.makedirs(f"{self.directory}/static/{entity.kind}", mode=0o755, exist_ok=True)
        with socket.socket(socket.AF_UNIX) as cache:
            cache.connect(f"{self.sockets}/floor-memcached")
            for path, body in ((entity.path, entity.plain), (entity.path + ".gz", entity.zipped)):
                cache.sendall(f"set {path} 0 0 {len(body)}\r\n".encode() + body + b"\r\n")
                if cache.recv(64) != b"STORED\r\n":
                    raise SystemExit(f"bench: {path} does not fit into the floor's memcached")
                with open(f"{self.directory}/static{path}", "wb") as file:
                    file.write(body)
        for floor in FLOORS:
            for path, body in ((entity.path, entity.plain), (entity.path + ".gz", entity.zipped)):
                if fetch(self.urls[floor] + path)[2] != body:
                    raise SystemExit(f"bench: {floor} answers {path} with other bytes")

    def count(self, run, what):
        self.requests += run.requests
        if run.failed:
            self.failures[what] = self.failures.get(what, 0) + run.failed

    # Warm

    def warm(self, names):
        """Rows of runs: for each answer, ours and the floors one after the other, ROUNDS times."""
        rows = []
        for title, name in names:
            entity = self.entities[name]
            contenders = [
                ("plain", "ours", entity.asked, {}),
                ("static", "static", entity.path, {}),
                ("kept", "kept", entity.asked, {}),
                ("floor", "floor", entity.path, {}),
                ("direct", "direct", entity.path, {}),
                ("gzip", "ours", entity.asked, {"Accept-Encoding": "gzip"}),
                ("static gzip", "static", entity.path + ".gz", {}),
                ("direct gzip", "direct", entity.path + ".gz", {}),
            ]
            if entity.kind != "search":
                # Next to what it is compared with.
                contenders[1:1] = [("alone", "alone", entity.asked, {})]
                place = [contender[0] for contender in contenders].index("gzip")
                contenders[place + 1:place + 1] = [("alone gzip", "alone", entity.asked, {"Accept-Encoding": "gzip"})]
            rows.append(report.Row(title, len(entity.plain), len(entity.zipped), self.interleaved(title, contenders)))
        return rows

    def not_modified(self):
        entity = self.entities["album-77"]
        tag = fetch(self.urls["static"] + entity.path)[1]["ETag"]
        contenders = [
            ("plain", "ours", entity.path, {"If-None-Match": entity.tag}),
            ("static", "static", entity.path, {"If-None-Match": tag}),
        ]
        return report.Row("304, album, 77 tracks", 0, 0, self.interleaved("304", contenders))

    def interleaved(self, title, contenders):
        say(f"  {title}")
        runs = {contender[0]: [] for contender in contenders}
        for number in range(self.rounds):
            # Backwards every other time, so that nobody always follows the same one.
            for name, server, path, headers in contenders[:: -1 if number % 2 else 1]:
                run = load(self.urls[server] + path, self.seconds, self.groups[server], headers)
                self.count(run, f"{title}, {name}, {self.processes} processes")
                runs[name].append(run)
        return runs

    # Cold

    def cold(self):
        """Without the durable cache, which has all that memcached is made to forget."""
        self.durable("off")
        try:
            return self.cold_rows()
        finally:
            self.durable("on")

    def cold_rows(self):
        port = self.urls["ours"].rpartition(":")[2]
        rows = []
        for title, name in COLD:
            say(f"  {title}")
            entity = self.entities[name]
            count = max(10, min(100, 3_000_000 // max(1, len(entity.plain))))
            memcached, commands = f"{self.sockets}/memcached", f"{self.directory}/forget.txt"
            fetch(self.urls["ours"] + entity.path)
            with open(commands, "w") as file:
                file.writelines(f"delete {key} noreply\r\n" for key in documents(memcached))
            ours, sql, asked = [], [], 0
            for _ in range(self.rounds):
                before = self.transactions()
                ours.append(lines_of([f"{self.tools}/cold", port, entity.path, str(count), memcached, commands]))
                asked += self.transactions() - before
                sql.append(self.sql(entity, count))
            asked /= self.rounds * (count + 1)
            if asked < 0.9:
                sys.exit(f"{title}: only {asked:.2f} transactions an answer, so they were not cold")
            rows.append(report.ColdRow(
                title, len(entity.plain), middle([percentile(run, 0.5) for run in ours]),
                middle([percentile(run, 0.99) for run in ours]), middle([percentile(run, 0.5) for run in sql]),
                middle([percentile(run, 0.5) / percentile(alone, 0.5) for run, alone in zip(ours, sql)]), asked))
        return rows

    def transactions(self):
        """How many transactions of the MusicBrainz database have ended."""
        # A backend tells of them a second after they have ended, at the latest.
        time.sleep(1.5)
        command = ["psql", "-h", self.settings["SOCKETS"], "-U", self.settings["DATABASE__USER"], "-d", "postgres",
                   "-qAtc", "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = "
                   f"'{self.settings['DATABASE__DATABASE']}'"]
        return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    def durable(self, state):
        subprocess.run([f"{self.sources}/scripts/bench-servers", "durable", self.directory, state], check=True,
                       capture_output=True)

    def sql(self, entity, count):
        command = [f"{self.tools}/sql",
                   "host={SOCKETS} dbname={DATABASE__DATABASE} user={DATABASE__USER}".format(**self.settings), str(count),
                   f"{{{entity.gid}}}"]
        command += self.files(ARTIST_SQL if entity.kind == "artist" else ALBUM_SQL)
        if entity.kind == "album":
            command += ["+", f"{{{','.join(self.artists(entity))}}}"] + self.files(ALBUM_ARTISTS_SQL)
        # As Linernotes opens its connections.
        options = (r"-c search_path=musicbrainz,public -c default_transaction_isolation=repeatable\ read "
                   "-c default_transaction_read_only=on -c plan_cache_mode=force_generic_plan -c jit=off")
        return lines_of(command, {"PGOPTIONS": options})

    def files(self, names):
        return [f"{self.sources}/Sources/MusicBrainz/SQL/{name}.sql" for name in names]

    @staticmethod
    def artists(entity):
        return [artist["id"] for artist in json.loads(entity.plain)["artists"]]

    # Whole processes

    def memory(self):
        """Largest private and resident kilobytes of a worker: at the start, after 100,000 requests, after 200,000."""
        paths = f"{self.directory}/mixed.txt"
        with open(paths, "w") as file:
            file.writelines(entity.asked + "\n" for entity in self.mixed + list(self.entities.values()))
        for entity in self.mixed:
            fetch(self.urls["ours"] + entity.path)
        values = [self.groups["ours"]["app"].memory()[0]]
        for leg in range(2):
            asked = number = 0
            while asked < 100_000:
                headers = {"Accept-Encoding": "gzip"} if number % 2 else {}
                run = load(self.urls["ours"], self.seconds, {}, headers,
                           script=("-s", f"{self.sources}/bench/mixed.lua", "--", paths))
                self.count(run, f"mixed requests, {self.processes} processes")
                asked += run.requests
                number += 1
            values.append(self.groups["ours"]["app"].memory()[0])
        return values

    def single(self):
        binary = self.settings["POOL_BINARY"]
        environment = {**os.environ, **self.settings, "SWIFT_BACKTRACE": "enable=no"}
        artist, album = self.entities["artist-small"], self.entities["album-950"]
        starts = sorted(first_answer(binary, environment, f"{self.directory}/run/start.sock") for _ in range(20))
        scripts = {}
        for title, entity in (("artist, 3 albums", artist), ("album, 952 tracks", album)):
            runs = [cgi(binary, environment, entity.path) for _ in range(20)]
            if any(run[2].partition(b"\r\n\r\n")[2] != entity.zipped for run in runs):
                raise SystemExit("bench: as a CGI script it answers with other bytes")
            scripts[title] = middle([run[0] for run in runs]), middle([run[1] for run in runs])
        return starts, scripts

    # The store and the dataset file

    def alone_environment(self, store):
        environment = {name: value for name, value in self.settings.items() if not name.startswith("CACHE__POSTGRES")}
        return {**os.environ, **environment, "MEMCACHED_SERVERS": "", "SWIFT_BACKTRACE": "enable=no",
                "CACHE__POSTGRES_URL": f"sqlite:///{self.directory}/{store}/linernotes.db"}

    def alone_scripts(self, count=300):
        """Milliseconds of CPU and of time of CGI requests that are answered from the store."""
        binary, scripts = self.settings["POOL_BINARY"], {}
        environment = self.alone_environment("alone-store")
        for title, name in (("artist, 3 albums", "artist-small"), ("album, 77 tracks", "album-77"),
                            ("album, 952 tracks", "album-950")):
            entity = self.entities[name]
            runs = [cgi(binary, environment, entity.path) for _ in range(count)]
            if any(run[2].partition(b"\r\n\r\n")[2] != entity.zipped for run in runs):
                raise SystemExit("bench: as a CGI script it answers from the store with other bytes")
            scripts[title] = middle([run[0] for run in runs]), middle([run[1] for run in runs])
        return scripts

    def alone_memory(self):
        """Private and resident kilobytes of the largest worker with SQLite alone: at first, after 100,000 requests."""
        paths, group = f"{self.directory}/mixed-alone.txt", self.groups["alone"]["app"]
        entities = self.mixed + [entity for entity in self.entities.values() if entity.kind != "search"]
        with open(paths, "w") as file:
            file.writelines(entity.path + "\n" for entity in entities)
        values, asked = [group.memory()[0]], 0
        while asked < 100_000:
            run = load(self.urls["alone"], self.seconds, {}, {"Accept-Encoding": "gzip"},
                       script=("-s", f"{self.sources}/bench/mixed.lua", "--", paths))
            self.count(run, "mixed requests, SQLite alone")
            asked += run.requests
        return values + [group.memory()[0]]

    def command(self, store, *arguments):
        return subprocess.run([self.settings["POOL_BINARY"], *arguments], check=True, capture_output=True, text=True,
                              env=self.alone_environment(store)).stdout

    def dataset(self):
        """Documents a second and bytes, by what was done."""
        def rate(text):
            return int(re.findall(r"(\d+) documents/s", text)[-1])

        path, values = f"{self.directory}/bench.dataset", {}
        text = self.command("alone-store", "export", path, "--all")
        values["export from MusicBrainz"] = rate(text), os.path.getsize(path)
        values["documents"] = sum(int(count) for count in re.findall(r"(\d+) (?:artists|lists|albums)", text.splitlines()[-1]))
        values["packed"] = int(re.search(r"records: \d+, (\d+) bytes", self.command("alone-store", "dataset", "check", path)).group(1))
        values["import into SQLite"] = rate(self.command("imported", "import", path)), os.path.getsize(
            f"{self.directory}/imported/linernotes.db")
        values["kept"] = sum(int(size) for size in re.findall(r"documents, (\d+) bytes", self.command("imported", "store")))
        back = f"{self.directory}/back.dataset"
        values["export from SQLite"] = rate(self.command("imported", "export", back)), os.path.getsize(back)
        os.remove(back)
        return values

    def crowd(self, count=1_000):
        """Many CGI processes at once, each of which computes another album from what the store has, and stores it.

        Returns: answers that were not 200, albums that are not stored, seconds, and the p50 and p99 in milliseconds."""
        def ask(query):
            file = sqlite3.connect(f"file:{self.directory}/imported/linernotes.db?mode=ro", uri=True)
            try:
                return [row[0] for row in file.execute(query)]
            finally:
                file.close()

        paths = [f"/album/{uuid.UUID(bytes=gid)}" for gid in ask(
            f"SELECT id FROM document WHERE kind = 'mb-album' ORDER BY id LIMIT {count}")]
        environment = {**self.alone_environment("imported"), "DATABASE__HOST": "/nonexistent",
                       "REQUEST_DEADLINE_MS": "60000", "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET",
                       "QUERY_STRING": ""}

        stored = "SELECT count(value) FROM document WHERE kind = 'album'"
        before, running, start = ask(stored)[0], {}, time.monotonic()
        for path in paths:
            output = open(f"{self.directory}/crowd-{len(running)}", "wb+")
            process = subprocess.Popen([self.settings["POOL_BINARY"]], env={**environment, "PATH_INFO": path},
                                       stdout=output, stderr=subprocess.DEVNULL)
            # Of a process that nobody refers to, subprocess itself takes the exit status.
            running[process.pid] = output, time.monotonic(), process
        failed, times = 0, []
        while running:
            pid, status = os.waitpid(-1, 0)
            if pid not in running:
                continue
            output, began, process = running.pop(pid)
            process.returncode = status
            times.append((time.monotonic() - began) * 1e3)
            output.seek(0)
            failed += status != 0 or not output.read(11).startswith(b"Status: 200")
            output.close()
        return (len(paths), failed, len(paths) - (ask(stored)[0] - before), time.monotonic() - start,
                percentile(sorted(times), 0.5), percentile(sorted(times), 0.99))

    def composing(self):
        values = []
        for title, length, fragments in (("2 KB in 4 fragments", 2_000, 4), ("30 KB in 4", 30_000, 4),
                                         ("300 KB in 4", 300_000, 4), ("300 KB in 24", 300_000, 24),
                                         ("220 KB in 602", 220_000, 602)):
            numbers = subprocess.run([f"{self.tools}/compose", str(length), str(fragments)], check=True,
                                     capture_output=True, text=True).stdout.split()
            values.append((title, int(numbers[0]), int(numbers[1])))
        return values


def main():
    directory, tools, sources, path, seconds, rounds, workers = sys.argv[1:]
    bench = Bench(directory, tools, sources, int(seconds), int(rounds), int(workers))
    say(f"warm, {workers} processes")
    bench.start(bench.workers)
    large = bench.warm(WARM) + [bench.not_modified()]
    say(f"warm, {DEFAULT_WORKERS} processes")
    bench.start(DEFAULT_WORKERS)
    small = bench.warm([pair for pair in WARM if pair[1] in SMALL_POOL])
    say("memory")
    memory = bench.memory()
    say("cold")
    cold = bench.cold()
    say("processes")
    for entity in bench.entities.values():
        fetch(bench.urls["ours"] + entity.asked)
    starts, scripts = bench.single()
    say("the store and the dataset file")
    alone = report.Alone(bench.alone_scripts(), bench.alone_memory(), bench.dataset(), bench.crowd())
    composing = bench.composing()
    text = report.write(path, bench, large, small, cold, memory, starts, scripts, composing, alone, typical)
    print(text)
    if bench.failures:
        raise SystemExit("bench: not everything answered 200")


if __name__ == "__main__":
    main()
