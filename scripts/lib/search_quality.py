"""search_quality.py URL|PROGRAM:FILE [--misses] FILE...: asks the queries of the files and says what came first, and how
fast. PROGRAM:FILE is the linernotes executable and a dataset file, whose names are asked without a server.

The exit status is 1 unless 97 of 100 answers, and 9 of 10 in each class, begin with what was wanted, and nothing is
found where there is nothing. Of a file of noisy queries (noisy*.tsv: an artist may stand beside the query) 95 of 100 must, in
each class too. Without --misses misses are neither listed nor do those of the other files count.

Twice: the first answers are judged; the second time another number of hits is asked for, so that the list is searched
anew but the documents in it are cached: what is timed is the search.
"""
import csv
import http.client
import json
import subprocess
import sys
import time
import urllib.parse
from collections import defaultdict


def main():
    arguments = sys.argv[1:]
    show_misses = "--misses" in arguments
    url, *files = [a for a in arguments if not a.startswith("--")]
    asked = names(*url.split(":")) if not url.startswith("http") else None
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=60)

    def ask(row, limit):
        if asked:
            return asked(row, limit)
        path = f"/search?type={row['kind']}&limit={limit}&query={urllib.parse.quote(row['query'])}"
        if row.get("artist"):
            path += f"&artist={urllib.parse.quote(row['artist'])}"
        start = time.perf_counter()
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read()
        took = (time.perf_counter() - start) * 1000
        if response.status == 503 and not row["expected_mbid"]:
            # Who has nothing but a file says that there is nothing only after MusicBrainz has said so.
            return [], took
        if response.status != 200:
            raise SystemExit(f"{path}: {response.status} {body[:200]}")
        return json.loads(body), took

    failed = False
    for file in files:
        with open(file, encoding="utf-8") as lines:
            rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
        if asked:
            # What is pasted is no name.
            rows = [row for row in rows if row["class"] != "paste"]
        is_noisy = "/noisy" in file
        results = defaultdict(list)
        misses = []
        for row in rows:
            expected = row["expected_mbid"]
            found = [entry(item) for item in ask(row, 10)[0]]
            ids = [id for id, _ in found]
            if expected:
                rank = ids.index(expected) + 1 if expected in ids else 0
                good = rank == 1
            else:
                rank, good = (0, False) if ids else (1, True)
            took = ask(row, 9)[1]
            results[row["class"]].append((rank, took))
            if not good:
                misses.append((row, rank, found[:3]))
        print(f"\n{file.rsplit('/', 1)[-1]}: {len(rows)} queries")
        print(f"{'class':<18}{'n':>5}{'top-1':>8}{'top-3':>8}{'MRR':>8}{'p50 ms':>9}{'p99 ms':>9}")
        everything = [r for rs in results.values() for r in rs]
        for name, ranks in [*sorted(results.items()), ("all", everything)]:
            times = sorted(t for _, t in ranks)
            first = sum(r == 1 for r, _ in ranks) / len(ranks)
            three = sum(0 < r <= 3 for r, _ in ranks) / len(ranks)
            mrr = sum(1 / r for r, _ in ranks if r) / len(ranks)
            p50, p99 = times[len(times) // 2], times[min(len(times) - 1, int(len(times) * 0.99))]
            if first < (1 if name == "nothing" else 0.95 if is_noisy else 0.97 if name == "all" else 0.9):
                failed = failed or show_misses or is_noisy
            print(f"{name:<18}{len(ranks):>5}{first:>8.3f}{three:>8.3f}{mrr:>8.3f}{p50:>9.2f}{p99:>9.2f}")
        if show_misses:
            for row, rank, found in misses:
                got = "; ".join(f"{name} ({id[:8]})" for id, name in found) or "nothing"
                place = f"rank {rank}" if rank else "not found"
                print(f"  miss [{row['class']}] {row['query']!r} {row.get('artist') or ''} ({row['kind']}): "
                      f"wanted {row['expected_name']!r} {row['expected_mbid'][:8]}, {place}; got {got}")
    raise SystemExit(1 if failed else 0)


def names(program, path):
    process = subprocess.Popen([program, "search-names", path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                               bufsize=1)

    def ask(row, limit):
        scope = {"artist": "artists", "album": "albums"}.get(row["kind"], row["kind"])
        line = "\t".join([scope, str(limit), row["query"], row.get("artist") or ""])
        process.stdin.write(f"{line}\n")
        process.stdin.flush()
        took, _, ids = process.stdout.readline().rstrip("\n").partition("\t")
        return ids.split(), float(took)

    return ask


def entry(item):
    if isinstance(item, str):
        return item, item
    if "score" in item:
        item = item["artist"] or item["album"]
    return item["id"], item.get("artistname") or item.get("title")


main()
