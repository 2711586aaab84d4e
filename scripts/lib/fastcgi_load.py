#!/usr/bin/env python3
"""fastcgi_load SOCKET PATH: asks a FastCGI server without a pause, over a new connection each time, until SIGINT. Prints
how many answers there were; ends with status 1 if a connection was refused or an answer was not 200."""
import signal, socket, struct, sys

path, uri = sys.argv[1:]
going = True


def stop(*_):
    global going
    going = False


signal.signal(signal.SIGINT, stop)
pairs = {"REQUEST_METHOD": "GET", "REQUEST_URI": uri, "SCRIPT_NAME": "", "PATH_INFO": uri, "QUERY_STRING": "",
         "SERVER_PROTOCOL": "HTTP/1.1"}
head = b"".join(bytes([len(name), len(value)]) + name.encode() + value.encode() for name, value in pairs.items())
record = lambda kind, content: struct.pack("!BBHHBB", 1, kind, 1, len(content), 0, 0) + content
request = record(1, struct.pack("!HB5x", 1, 0)) + record(4, head) + record(4, b"") + record(5, b"")
answers = 0
failures = []
while going:
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(20)
            connection.connect(path)
            connection.sendall(request)
            answer = b""
            while piece := connection.recv(1 << 16):
                answer += piece
        if b"Status: 200" not in answer[:100]:
            failures.append(answer[:200])
        answers += 1
    except OSError as error:
        failures.append(error)
print(f"{answers} answers, {len(failures)} failures {failures[:3]}")
sys.exit(1 if failures or not answers else 0)
