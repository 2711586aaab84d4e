"""What the benchmark measures with: wrk, what /proc says, plain HTTP and FastCGI requests."""

import os
import re
import signal
import socket
import statistics
import struct
import subprocess
import time
import urllib.request

UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 60e3}


def fetch(url, headers={}):
    """Status, headers and body, compressed or not as they came."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(urllib.request.Request(url, headers=headers)) as answer:
        return answer.status, answer.headers, answer.read()


class Group:
    """The processes of a service: those in the process group that its leader was started with."""

    def __init__(self, directory, service):
        with open(f"{directory}/run/{service}.pid") as file:
            self.leader = int(file.read().split()[0])

    def pids(self):
        found = []
        for name in os.listdir("/proc"):
            if not name.isdigit():
                continue
            try:
                with open(f"/proc/{name}/stat") as file:
                    fields = file.read().rpartition(") ")[2].split()
            except OSError:
                continue
            if int(fields[2]) == self.leader and fields[0] != "Z":
                found.append(int(name))
        return sorted(found)

    def cpu(self):
        """Seconds of CPU so far, to the nanosecond."""
        total = 0
        for pid in self.pids():
            try:
                for task in os.listdir(f"/proc/{pid}/task"):
                    with open(f"/proc/{pid}/task/{task}/schedstat") as file:
                        total += int(file.read().split()[0])
            except OSError:
                continue
        return total / 1e9

    def memory(self):
        """Resident and private kilobytes of every process but the leader, the largest first."""
        values = []
        for pid in self.pids():
            if pid == self.leader:
                continue
            with open(f"/proc/{pid}/smaps_rollup") as file:
                sizes = {key: int(value.split()[0]) for key, _, value in (line.partition(":") for line in file)
                         if value.strip().endswith("kB")}
            values.append((sizes["Private_Clean"] + sizes["Private_Dirty"], sizes["Rss"]))
        return sorted(values, reverse=True)


class Run:
    """What one run of wrk said. Times are in milliseconds, CPU in microseconds a request."""

    def __init__(self, requests, failed, rate, p50, p99, cpu):
        self.requests, self.failed, self.rate, self.p50, self.p99, self.cpu = requests, failed, rate, p50, p99, cpu


def load(url, seconds, groups={}, headers={}, connections=32, script=()):
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "--timeout", "20s"]
    for header in headers.items():
        command += ["-H", ": ".join(header)]
    before = {name: group.cpu() for name, group in groups.items()}
    output = subprocess.run(command + list(script[:2]) + [url] + list(script[2:]), check=True, capture_output=True,
                            text=True, env={**os.environ, "LC_ALL": "C"}).stdout
    used = {name: group.cpu() - before[name] for name, group in groups.items()}
    failed = sum(int(count) for line in re.findall(r"Non-2xx.*|Socket errors.*", output)
                 for count in re.findall(r" (\d+)", line))

    def percentile(percent):
        value, unit = re.search(rf"^ +{percent}% +([\d.]+)(\w+)", output, re.M).groups()
        return float(value) * UNITS[unit]

    requests = int(re.search(r"(\d+) requests in", output).group(1))
    rate = float(re.search(r"Requests/sec: +([\d.]+)", output).group(1))
    return Run(requests, failed, rate, percentile(50), percentile(99),
               {name: seconds * 1e6 / requests for name, seconds in used.items()})


def middle(values):
    return statistics.median(values)


def typical(runs):
    """The median of several runs, value by value."""
    return Run(sum(run.requests for run in runs), sum(run.failed for run in runs), middle([run.rate for run in runs]),
               middle([run.p50 for run in runs]), middle([run.p99 for run in runs]),
               {name: middle([run.cpu[name] for run in runs]) for name in runs[0].cpu})


def lines_of(command, environment={}):
    """The numbers that a program printed, a line each, sorted."""
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment})
    if done.returncode:
        raise SystemExit(f"bench: {command[0]}: {done.stderr}")
    return sorted(float(line) for line in done.stdout.split())


def percentile(values, share):
    return values[min(len(values) - 1, int(len(values) * share))]


def fastcgi(path, uri):
    """The answer to one GET over a new connection to a FastCGI server."""
    parameters = b"".join(
        bytes([len(name), len(value)]) + name + value
        for name, value in ((b"REQUEST_METHOD", b"GET"), (b"REQUEST_URI", uri.encode()), (b"QUERY_STRING", b"")))

    def record(kind, content):
        return struct.pack(">BBHHBB", 1, kind, 1, len(content), 0, 0) + content

    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        connection.sendall(record(1, struct.pack(">HB5x", 1, 0)) + record(4, parameters) + record(4, b"") + record(5, b""))
        answer = b""
        while part := connection.recv(65536):
            answer += part
        return answer


def first_answer(binary, environment, path, workers=4, uri="/"):
    """Milliseconds from starting a pool to its first answer."""
    if os.path.exists(path):
        os.unlink(path)
    nowhere = [(os.POSIX_SPAWN_OPEN, descriptor, os.devnull, os.O_RDWR, 0) for descriptor in (1, 2)]
    command = [binary, "serve", "--socket", path, "--workers", str(workers)]
    start = time.monotonic()
    # subprocess would take milliseconds of its own.
    pool = os.posix_spawn(binary, command, environment, file_actions=nowhere)
    try:
        while True:
            try:
                if b"200" not in fastcgi(path, uri)[:40]:
                    raise SystemExit("bench: the pool does not answer with 200")
                return (time.monotonic() - start) * 1e3
            except (FileNotFoundError, ConnectionRefusedError):
                if os.waitpid(pool, os.WNOHANG)[0]:
                    pool = None
                    raise SystemExit("bench: the pool ended")
                time.sleep(0.0002)
    finally:
        if pool:
            os.kill(pool, signal.SIGTERM)
            os.waitpid(pool, 0)


def cgi(binary, environment, uri):
    """One CGI request: milliseconds of CPU, milliseconds of time, and what was printed."""
    variables = {**environment, "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET", "PATH_INFO": uri,
                 "QUERY_STRING": "", "HTTP_ACCEPT_ENCODING": "gzip"}
    read, write = os.pipe()
    start = time.monotonic()
    pid = os.posix_spawn(binary, [binary], variables, file_actions=[
        (os.POSIX_SPAWN_DUP2, write, 1), (os.POSIX_SPAWN_CLOSE, read)])
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        output = pipe.read()
    _, status, usage = os.wait4(pid, 0)
    if status or not output.startswith(b"Status: 200"):
        raise SystemExit(f"bench: the CGI script fails: {output[:200]}")
    return (usage.ru_utime + usage.ru_stime) * 1e3, (time.monotonic() - start) * 1e3, output
