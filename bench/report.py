"""Turns what was measured into docs/performance.md."""

import datetime
import os
import platform
import re
import subprocess
from statistics import median


class Row:
    """A warm answer: by the name of each contender, its runs."""

    def __init__(self, title, length, zipped, runs):
        self.title, self.length, self.zipped, self.runs = title, length, zipped, runs

    def ratio(self, ours, floor, value=lambda run: run.rate):
        """The median over the rounds: what was measured next to each other is compared."""
        return median(value(a) / value(b) for a, b in zip(self.runs[ours], self.runs[floor]))


class ColdRow:
    def __init__(self, title, length, p50, p99, sql, ratio, asked):
        self.title, self.length, self.p50, self.p99, self.sql, self.ratio = title, length, p50, p99, sql, ratio
        # Transactions of the database for each answer. Below 1 the answers were not cold.
        self.asked = asked


class Alone:
    """What was measured with SQLite alone, beside the warm answers."""

    def __init__(self, scripts, memory, dataset, crowd):
        self.scripts, self.memory, self.dataset, self.crowd = scripts, memory, dataset, crowd


def table(columns, rows):
    lines = ["| " + " | ".join(columns) + " |", "|---" + "|---:" * (len(columns) - 1) + "|"]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows]) + "\n"


def size(length):
    return f"{length / 1000:,.1f} KB" if length < 10_000 else f"{length / 1000:,.0f} KB"


def number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def cpu(run):
    return "+".join(f"{value:.0f}" for value in run.cpu.values())


def all_cpu(run):
    return sum(run.cpu.values())


def warm_tables(rows, typical):
    ours, compared = [], []
    for row in rows:
        run = {name: typical(runs) for name, runs in row.runs.items()}
        for form, length in (("plain", row.length), ("gzip", row.zipped)):
            if form in run:
                ours.append((f"{row.title}{', gzip' if form == 'gzip' else ''}", size(length), number(run[form].rate),
                             number(run[form].p50), number(run[form].p99), cpu(run[form]),
                             number(all_cpu(run[form]))))
        if "floor" not in run:
            compared.append((row.title, number(run["static"].rate), f"{row.ratio('plain', 'static'):.2f}") + ("",) * 9)
            continue
        compared.append((
            row.title, number(run["static"].rate), f"{row.ratio('plain', 'static'):.2f}",
            f"{number(run['floor'].rate)} ({cpu(run['floor'])})", f"{row.ratio('plain', 'floor'):.2f}",
            f"{row.ratio('plain', 'floor', all_cpu):.2f}", f"{row.ratio('plain', 'floor', lambda r: r.p99):.2f}",
            f"{number(run['direct'].rate)} ({cpu(run['direct'])})", f"{row.ratio('plain', 'direct'):.2f}",
            f"{row.ratio('gzip', 'floor'):.2f}", f"{row.ratio('gzip', 'floor', all_cpu):.2f}",
            f"{row.ratio('gzip', 'direct gzip'):.2f}"))
    return table(("answer", "bytes", "req/s", "p50 ms", "p99 ms", "CPU µs: app+nginx+memcached", "in all"), ours), table(
        ("answer", "static req/s", "ours ÷ static", "floor req/s (CPU)", "ours ÷ floor", "CPU ÷ floor's", "p99 ÷ floor's",
         "floor, one writev (CPU)", "ours ÷ it", "our gzip ÷ floor's plain", "CPU of gzip ÷ it",
         "our gzip ÷ one writev of the same gzip"),
        compared)


def alone_table(rows, typical):
    """SQLite alone beside memcached."""
    lines = []
    for row in rows:
        for form, name in (("plain", "alone"), ("gzip", "alone gzip")):
            if name not in row.runs:
                continue
            ours, alone = typical(row.runs[form]), typical(row.runs[name])
            lines.append((f"{row.title}{', gzip' if form == 'gzip' else ''}", number(ours.rate), number(alone.rate),
                          f"{row.ratio(name, form):.2f}", number(ours.p99), number(alone.p99),
                          f"{row.ratio(name, form, lambda run: run.p99):.2f}", f"{cpu(ours)}, {number(all_cpu(ours))}",
                          f"{cpu(alone)}, {number(all_cpu(alone))}", f"{row.ratio(name, form, all_cpu):.2f}"))
    return table(("answer", "memcached req/s", "SQLite req/s", "ratio", "memcached p99 ms", "SQLite p99 ms", "ratio",
                  "memcached CPU µs: app+nginx+memcached, all", "SQLite CPU µs: app+nginx, all", "ratio"), lines)


def alone_part(bench, large, small, alone, typical):
    values, (count, failed, lost, seconds, p50, p99) = alone.dataset, alone.crowd
    done = [(what, f"{values[what][0]:,}", f"{values[what][1] / 1e6:,.1f} MB") for what in (
        "export from MusicBrainz", "import into SQLite", "export from SQLite")]
    return f"""## SQLite alone

Another pool of the same executable, with a SQLite file as its only store, in turns with the pool that has memcached. {bench.workers} processes:

{alone_table(large, typical)}
4 processes:

{alone_table(small, typical)}
One CGI request from the store, the median of 300: {"; ".join(f"{title} {used:.1f} ms of CPU, {took:.1f} ms" for title, (used, took) in alone.scripts.items())}.

Largest worker: {alone.memory[0][0] / 1024:.1f} MB private ({alone.memory[0][1] / 1024:.1f} resident) with the named entities answered, {alone.memory[1][0] / 1024:.1f} MB ({alone.memory[1][1] / 1024:.1f}) after 100,000 mixed requests. Resident is also what is mapped of the file.

{count:,} CGI processes at once on one file, each of which computes another album from what was imported and stores it: {failed} not answered with 200, {lost} not stored, {seconds:.1f} s, p50 {p50 / 1000:.1f} s, p99 {p99 / 1000:.1f} s.

{table(("{:,} documents".format(values["documents"]), "documents/s", "size"), done)}
Packed, the documents of the file are {values["packed"] / 1e6:,.1f} MB; what MusicBrainz said of them is {values["kept"] / 1e6:,.1f} MB in the store.
"""


def targets(large, cold, memory, starts, scripts, composing, alone, typical):
    row = {entry.title: entry for entry in large}
    chilled = {entry.title: entry for entry in cold}
    named = (("2 KB", row["album, 2 tracks"]), ("30 KB", row["album, 77 tracks"]), ("300 KB", row["album, 952 tracks"]))
    lines = []

    def target(text, is_met, measured):
        lines.append(f"- {'met' if is_met else '**missed**'}: {text}: {measured}")

    ratios = [(name, entry.ratio("plain", "floor"), entry.ratio("plain", "floor", all_cpu)) for name, entry in named]
    target("without gzip at least the floor's requests per second", all(value >= 1 for _, value, _ in ratios),
           ", ".join(f"{name} {value:.2f} (CPU {used:.2f})" for name, value, used in ratios))
    ratios = [(name, entry.ratio("plain", "floor", lambda run: run.p99)) for name, entry in named]
    target("without gzip at most 1.2 times the floor's p99", all(value <= 1.2 for _, value in ratios),
           ", ".join(f"{name} {value:.2f}" for name, value in ratios))
    for name, entry, least in (("300 KB", named[2][1], 3), ("30 KB", named[1][1], 1.5)):
        value = entry.ratio("gzip", "floor")
        target(f"{name} with gzip at least {least} times the floor's plain requests per second", value >= least,
               f"{value:.2f} (CPU {entry.ratio('gzip', 'floor', all_cpu):.2f})")
    ratios = [(name, entry.ratio("kept", "static")) for name, entry in named]
    target("with nginx's own cache at least 0.85 times nginx with the same bytes in a file",
           all(value >= 0.85 for _, value in ratios), ", ".join(f"{name} {value:.2f}" for name, value in ratios))
    title, one, many = composing[2]
    app = typical(named[2][1].runs["gzip"]).cpu["app"]
    target("composing costs at most 5 % more CPU than copying one stored body", (many - one) / 1000 <= 0.05 * app,
           f"{title} {many / 1000:.1f} µs instead of {one / 1000:.1f}, of {app:.0f} µs that the answer takes in the app")
    worst = max(cold, key=lambda entry: entry.ratio)
    target("cold at most 1.25 times the time of its SQL alone", worst.ratio <= 1.25,
           ", ".join(f"{entry.title} {entry.ratio:.2f}" for entry in cold))
    rate = typical(row["artist, 6,000 albums"].runs["plain"]).rate
    target("6,000 albums warm at least 20 times the original's 10.5 requests per second", rate >= 210,
           f"{number(rate)} requests per second")
    entry = chilled["artist, 6,000 albums"]
    target("6,000 albums cold within 300 ms", entry.p50 <= 300_000, f"{number(entry.p50 / 1000)} ms")
    (_, _), (first, _), (second, _) = memory
    target("at most 5 MB of private memory a process after 100,000 mixed requests, and flat from there",
           first <= 5 * 1024 and second <= first * 1.05, f"{first / 1024:.1f} MB, after 200,000 {second / 1024:.1f} MB")
    target("from start to the first answer within 50 ms", median(starts) <= 50,
           f"{median(starts):.0f} ms, the best of {len(starts)} {starts[0]:.0f} ms")
    target("a CGI request from the cache within 15 ms of CPU", max(value[0] for value in scripts.values()) <= 15,
           ", ".join(f"{title} {value[0]:.1f} ms" for title, value in scripts.items()))
    pairs = [(entry, entry.ratio("alone gzip", "gzip"), entry.ratio("alone gzip", "gzip", lambda run: run.p99))
             for entry in large if "alone gzip" in entry.runs]
    target("with SQLite alone at least memcached's requests per second, and no larger p99",
           all(rate >= 1 and late <= 1 for _, rate, late in pairs),
           ", ".join(f"{entry.title} {rate:.2f} (p99 {late:.2f})" for entry, rate, late in pairs))
    target("a CGI request from the store within 8 ms of CPU", max(value[0] for value in alone.scripts.values()) <= 8,
           ", ".join(f"{title} {value[0]:.1f} ms" for title, value in alone.scripts.items()))
    target("with SQLite alone at most 6 MB of private memory a process", alone.memory[1][0] <= 6 * 1024,
           f"{alone.memory[1][0] / 1024:.1f} MB")
    count, failed, lost = alone.crowd[:3]
    target("1,000 CGI processes at once without an error or a lost write", count >= 1_000 and failed + lost == 0,
           f"{count:,}, {failed} errors, {lost} lost")
    return "\n".join(lines) + "\n"


def output(command):
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except OSError:
        return ""
    text = done.stdout.strip() or done.stderr.strip()
    return text.splitlines()[0] if text else ""


def machine(bench):
    with open("/proc/cpuinfo") as file:
        model = re.search(r"^model name\s*: (.*)", file.read(), re.M)
    with open("/proc/loadavg") as file:
        busy = file.read().split()[0]
    versions = [output(["nginx", "-v"]).rpartition(": ")[2], output(["memcached", "-V"]), output(["psql", "-V"]),
                output(["swift", "--version"]).rpartition(" (")[0] or "Swift", "wrk " + output(["wrk", "-v"]).split()[1]]
    return (f"{datetime.date.today().isoformat()}, {model.group(1) if model else platform.machine()}, "
            f"{os.cpu_count()} cores, Linux {platform.release()}; {'; '.join(versions)}. "
            f"Load average at the end: {busy}.")


def failures(bench):
    if not bench.failures:
        return f"All of {bench.requests:,} requests were answered with 200 (or 304, where that was asked for)."
    rows = "; ".join(f"{what}: {count:,}" for what, count in bench.failures.items())
    return f"**Of {bench.requests:,} requests, {sum(bench.failures.values()):,} were not answered with 200**: {rows}."


def write(path, bench, large, small, cold, memory, starts, scripts, composing, alone, typical):
    ours, compared = warm_tables(large, typical)
    small_ours, small_compared = warm_tables(small, typical)
    text = f"""# Performance

Written by `make bench`; run it again rather than edit this. {machine(bench)}

Everything shares the machine: wrk, nginx, the pool, memcached, PostgreSQL. So ratios between what was measured side by side and CPU per request say more than requests per second. Every contender was run {bench.rounds} times for {bench.seconds} s, in turns, with wrk's 32 connections; values are medians.

The floor (`bench/floor.c`) is the least that a FastCGI program can do to answer from memcached: it gets the whole body by its path and writes it, through the same nginx configuration and with as many processes. Static is nginx with the same bytes in a file.

{failures(bench)}

## Targets

{targets(large, cold, memory, starts, scripts, composing, alone, typical)}
## Warm, {bench.workers} processes

{ours}
{compared}
## Warm, 4 processes (the default)

{small_ours}
{small_compared}
{alone_part(bench, large, small, alone, typical)}
## Cold

One request at a time over a kept connection, all documents deleted from memcached before each, without the durable cache. Providers do not answer, and the pool has noticed; but it looks into memcached for what they said earlier. The SQL alone (`bench/sql.c`): the same statements, prepared, in the same pipelines with the same connection settings, binary results, and nothing done with them. What a cold answer takes beside it: nginx, the way to the pool and back; for each kind of document a look into memcached, a lock, storing it, and letting go of the lock; rows made into JSON, compressed and hashed.

{table(("answer", "bytes", "p50 ms", "p99 ms", "req/s", "SQL alone p50 ms", "ours ÷ SQL alone",
        "transactions an answer"),
       [(r.title, size(r.length), number(r.p50 / 1000), number(r.p99 / 1000), number(1e6 / r.p50), number(r.sql / 1000),
         f"{r.ratio:.2f}", f"{r.asked:.2f}") for r in cold])}
## Processes

{table(("largest worker of four", "private", "resident"),
       [(title, f"{private / 1024:.1f} MB", f"{resident / 1024:.1f} MB") for title, (private, resident) in zip(
           ("with the named entities answered once", "after 100,000 mixed requests", "after 200,000"), memory)])}
Start of a pool to its first answer: {median(starts):.1f} ms (best {starts[0]:.1f}, worst {starts[-1]:.1f}). One CGI request from the cache: {"; ".join(f"{title} {used:.1f} ms of CPU, {took:.1f} ms" for title, (used, took) in scripts.items())}.

{table(("composing a gzip body", "one fragment, µs", "so many, µs"),
       [(title, f"{one / 1000:.2f}", f"{many / 1000:.2f}") for title, one, many in composing])}"""
    with open(path, "w") as file:
        file.write(text)
    return text
