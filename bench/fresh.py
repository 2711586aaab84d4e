"""What it takes to fill a store and to keep it warm, beside the SQL alone. Called by scripts/bench-fresh.

    fresh.py DIR TOOLS SOURCES SECONDS

DIR is an instance with generated rows; what is measured is kept in a database of its own, which is removed.
"""

import os
import signal
import subprocess
import sys
import time

from bench import ALBUM_SQL

DIRECTORY, TOOLS, SOURCES, SECONDS = sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4])
STORE = "linernotes_bench_fresh"
BATCH = 100
OPTIONS = (r"-c search_path=musicbrainz,public -c default_transaction_isolation=repeatable\ read "
           "-c default_transaction_read_only=on -c plan_cache_mode=force_generic_plan -c jit=off")

with open(f"{DIRECTORY}/env") as file:
    SETTINGS = dict(line.rstrip("\n").split("=", 1) for line in file if "=" in line)
LINERNOTES = f"{DIRECTORY}/bin/linernotes"
ENVIRONMENT = {**os.environ, **SETTINGS, "CACHE__POSTGRES_DATABASE": STORE, "CACHE__NAMESPACE": STORE,
               "LOG_LEVEL": "error", "SWEEP_DAYS": "0", "MEMCACHED_SERVERS": ""}


def psql(database, statement):
    command = ["psql", "-h", SETTINGS["DATABASE__HOST"], "-U", SETTINGS["DATABASE__USER"], "-d", database, "-qAtc",
               statement]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()


def forget():
    psql("postgres", f"DROP DATABASE IF EXISTS {STORE} WITH (FORCE)")


def initialize():
    """Seconds per million ids, and how many there were."""
    start = time.monotonic()
    subprocess.run([LINERNOTES, "initialize", "artists", "albums"], env=ENVIRONMENT, check=True, capture_output=True)
    seconds = time.monotonic() - start
    count = int(psql(STORE, "SELECT count(*) FROM cache.document")[0])
    return seconds * 1e6 / count, count


def crawl(crawlers):
    """Albums a second that so many crawlers make."""
    command = [LINERNOTES, "crawl", "--once", "--kinds", "album"]
    made = "SELECT count(*) FROM cache.document WHERE kind = 'album' AND value IS NOT NULL"
    before, start = int(psql(STORE, made)[0]), time.monotonic()
    running = [subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.DEVNULL) for _ in range(crawlers)]
    time.sleep(SECONDS)
    count, seconds = int(psql(STORE, made)[0]) - before, time.monotonic() - start
    for process in running:
        process.send_signal(signal.SIGTERM)
    for process in running:
        process.wait()
    return count / seconds


def sql(connections):
    """Albums a second that the same statements tell of over so many connections, nothing done with them."""
    ids = psql(SETTINGS["DATABASE__DATABASE"],
               "SELECT gid FROM musicbrainz.release_group ORDER BY gid LIMIT " + str(BATCH * connections * 20))
    files = [f"{SOURCES}/Sources/MusicBrainz/SQL/{name}.sql" for name in ALBUM_SQL]
    connection = f"host={SETTINGS['DATABASE__HOST']} dbname={SETTINGS['DATABASE__DATABASE']} user={SETTINGS['DATABASE__USER']}"

    # As many statements as the tool takes.
    most = 64 // len(files)
    commands = []
    for number in range(connections):
        batches = ids[number::connections][:most * BATCH]
        command = [f"{TOOLS}/sql", connection, "5"]
        for start in range(0, len(batches), BATCH):
            command += (["+"] if start else []) + ["{" + ",".join(batches[start:start + BATCH]) + "}"] + files
        commands.append((command, len(batches)))
    running = [(subprocess.Popen(command, env={**os.environ, "PGOPTIONS": OPTIONS}, stdout=subprocess.PIPE, text=True),
                count) for command, count in commands]
    rate = 0
    for process, count in running:
        rounds = [float(line) for line in process.communicate()[0].split()]
        rate += count / (sorted(rounds)[len(rounds) // 2] / 1e6)
    return rate


forget()
try:
    per_million, count = initialize()
    print(f"initialize: {count:,} ids, {per_million:.1f} s per million")
    # All rows have just been made: whoever comes first would be busy with what has changed.
    subprocess.run([LINERNOTES, "invalidate", "--quiet"], env=ENVIRONMENT, check=True, capture_output=True)
    for processes in (1, 2):
        alone, ours = sql(processes), crawl(processes)
        print(f"{processes} at once: crawl {ours:,.0f} albums/s, the SQL alone {alone:,.0f} albums/s, ratio {ours / alone:.2f}")
finally:
    forget()
