#!/usr/bin/env python3
"""Stands in for the programs that open tunnels: it really proxies, and prints what they print.

Which one it is, its name says: zrok, zrok2, cloudflared; under any other it is one that just prints its address. A test
links it into a folder of its own, which is its whole world:

    stub.json   what is so: "enabled", "account" (the token), "names" (ours), "taken" (another's), "fault",
                "stubborn" (ignores a request to end), "family" (starts a child of its own),
              "daemon" (starts one that leaves its session)
    calls       its arguments, a line of JSON for each time it was started
    pids        its process and its group, for each time it stayed, and those of its child
    env.json    the environment it saw last
    die         as soon as this exists, it dies
    unready     while this exists, cloudflared has lost its connection
    deleted     written when it was asked to end, and did so in order
"""

import http.server
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time

NAME = os.path.basename(sys.argv[0])
HERE = os.path.dirname(os.path.abspath(sys.argv[0]))
ARGUMENTS = sys.argv[1:]


def path(name):
    return os.path.join(HERE, name)


def append(name, text):
    with open(path(name), "a") as file:
        file.write(text + "\n")


def world():
    so = {"enabled": True, "account": "", "names": [], "taken": [], "fault": "", "stubborn": False, "family": False,
          "daemon": False}
    if os.path.exists(path("stub.json")):
        with open(path("stub.json")) as file:
            so.update(json.load(file))
    return so


def change(**changes):
    so = world()
    so.update(changes)
    with open(path("stub.json"), "w") as file:
        json.dump(so, file)


def fail(text, code=1):
    """As the real ones do it, in red."""
    sys.stderr.write("[\033[1;31mERROR\033[0m]: " + text + "\n")
    sys.exit(code)


# The tunnel itself: a listener whose connections lead to the target, as far as anybody is there.


def pump(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    for end in (source, sink):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def serve(connection, target):
    try:
        backend = socket.create_connection(target, timeout=5)
    except OSError:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        connection.close()
        return
    backend.settimeout(None)
    threading.Thread(target=pump, args=(connection, backend), daemon=True).start()
    pump(backend, connection)


def open_tunnel(url):
    """The public address of a new tunnel to `url`."""
    host, port = re.fullmatch(r"(?:https?://)?(.+):(\d+)/?", url).groups()
    listener = socket.create_server(("127.0.0.1", 0))

    def accept():
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=serve, args=(connection, (host, int(port))), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return "http://127.0.0.1:%d" % listener.getsockname()[1]


def stay():
    while not os.path.exists(path("die")):
        time.sleep(0.02)
    sys.stderr.write("[\033[1;31mERROR\033[0m]: the session has expired\n")
    sys.stderr.flush()
    os._exit(1)


def on_request_to_end(*_):
    append("deleted", NAME)
    os._exit(0)


def settle(so):
    append("pids", "%d %d" % (os.getpid(), os.getpgrp()))
    if so["family"]:
        child = subprocess.Popen(["sleep", "600"])
        append("pids", "%d %d" % (child.pid, os.getpgid(child.pid)))
    if so["daemon"]:
        child = subprocess.Popen(["sleep", "600"], start_new_session=True)
        append("pids", "%d %d" % (child.pid, child.pid))
    signal.signal(signal.SIGTERM, signal.SIG_IGN if so["stubborn"] else on_request_to_end)


# zrok, both generations.

IS_ONE = NAME == "zrok"
LOG = sys.stderr if IS_ONE else sys.stdout


def entry(text, level="info"):
    """A line of the log, as it is without a terminal."""
    if IS_ONE:
        return json.dumps({"file": "share.go:1", "func": "main.run", "level": level, "msg": text, "time": "2026"}) + "\n"
    return json.dumps({"time": "2026", "level": level.upper(), "msg": text}) + "\n"


def log(text, level="info"):
    LOG.write(entry(text, level))
    LOG.flush()


def announce(url, fault):
    start = "access your zrok share: " if IS_ONE else "access your zrok share at the following endpoints:\n "
    if fault == "no_url":
        log("sharing target")
    elif fault == "hangs":
        pass
    elif fault == "coloured":
        coloured = "\033[36m" + url[:9] + "\033[1;32m" + url[9:] + "\033[0m"
        LOG.write("\033[90m[   0.1]\033[0m \033[34m   INFO\033[0m " + start + coloured + "\n")
        LOG.flush()
    elif fault == "split_writes":
        for byte in entry(start + url):
            LOG.write(byte)
            LOG.flush()
            time.sleep(0.001)
    elif fault == "huge_line":
        for _ in range(160):
            LOG.write("x" * 65536)
        LOG.write("\n")
        log(start + url)
    elif fault == "insecure_url":
        log(start + "http://shop.share.example")
    else:
        log(start + url)
    if fault == "chatty":
        for number in range(20000):
            log("127.0.0.1:%d -> POST /webhook" % number)
        append("chatted", "done")


def not_enabled():
    if not IS_ONE and ARGUMENTS[0] == "create":
        sys.stderr.write("panic: environment is not enabled; run 'zrok2 enable' first\n\ngoroutine 1 [running]:\n")
        sys.stderr.write("".join("main.function%d(0x1)\n\t/src/main.go:%d\n" % (n, n) for n in range(20)))
        sys.exit(2)
    text = "unable to load environment; did you '%s enable'?" % NAME
    fail(text if ARGUMENTS[0] == "reserve" else "unable to create share (%s)" % text)


def option(name):
    return ARGUMENTS[ARGUMENTS.index(name) + 1] if name in ARGUMENTS else None


def zrok():
    so = world()
    fault = so["fault"]
    command = ARGUMENTS[0]
    if command == "version":
        print("\033[1;31m               _    \n _____ __ ___ | | __\033[0m\n\n\033[33mv%d.1.0 [abc]\033[0m\n" % (1 if IS_ONE else 2))
        return
    if command == "enable":
        if ARGUMENTS[1] != so["account"]:
            log("the zrok service returned an error: [POST /enable][401] enableUnauthorized " + ARGUMENTS[1], "error")
            print("there was a problem enabling your environment!")
            sys.exit(1)
        change(enabled=True)
        log("the zrok environment was successfully enabled...")
        return
    if not so["enabled"]:
        not_enabled()
    if fault == "busy":
        fail("unable to create share (the zrok service is busy, retry in 3 seconds)")
    if command in ("reserve", "create"):
        name = option("--unique-name") if IS_ONE else ARGUMENTS[2]
        what = "share (unable to create share: [POST /share][409] shareConflict)"
        if not IS_ONE:
            what = "name ([POST /share/name][409] createShareNameConflict)"
        if fault == "limit":
            fail("unable to create " + what[:-1] + ' "names limit reached; cannot reserve additional names")')
        if name in so["names"] + so["taken"]:
            fail("unable to create " + what)
        change(names=so["names"] + [name])
        if IS_ONE:
            print(json.dumps({"token": name, "frontend_endpoints": ["https://%s.share.example" % name]}))
        else:
            log("created name '%s' in namespace 'public'" % name)
        return

    if "--force-local" not in ARGUMENTS:
        return
    if fault == "old":
        fail("an error occurred (unknown flag: --force-local)")
    if fault == "refused":
        fail("unable to create share (unable to create share: [POST /share][401] shareUnauthorized)")
    if fault == "exits_early":
        sys.exit(3)
    if IS_ONE and ARGUMENTS[1] == "reserved":
        if ARGUMENTS[2] not in so["names"]:
            fail("unable to retrieve reserved share ([GET /detail/share/{shareToken}][404] getShareDetailNotFound)")
        target = option("--override-endpoint")
    else:
        target = ARGUMENTS[2]
        if (option("-n") or "").removeprefix("public:") in so["taken"]:
            fail("unable to create share (unable to create share: [POST /share][409] shareConflict)")
    settle(so)
    announce(open_tunnel(target), fault)
    stay()


# cloudflared.


def cloudflared():
    so = world()
    fault = so["fault"]
    port = int(option("--metrics").rpartition(":")[2])
    sys.stderr.write("2026-01-01T00:00:00Z INF Requesting new quick Tunnel on trycloudflare.com...\n")
    if fault == "too_many":
        sys.stderr.write('2026-01-01T00:00:00Z ERR Error unmarshaling response status_code="429 Too Many Requests"\n')
        sys.exit(1)
    if fault == "port_taken_once":
        change(fault="")
        sys.stderr.write("listen tcp 127.0.0.1:%d: bind: address already in use\n" % port)
        sys.exit(1)
    settle(so)
    url = "" if fault == "no_url" else open_tunnel(option("--url"))

    class Metrics(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            code, body = 404, {}
            if self.path == "/quicktunnel":
                code, body = 200, {"hostname": url}
            if self.path == "/ready":
                code = 503 if os.path.exists(path("unready")) else 200
                body = {"status": code, "readyConnections": int(code == 200)}
            body = json.dumps(body).encode()
            self.send_response(code)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Metrics)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stderr.write("2026-01-01T00:00:00Z INF |  %s  |\n" % url)
    sys.stderr.flush()
    stay()


# Any other: its one argument is the target.


def other():
    so = world()
    fault = so["fault"]
    if fault == "exits":
        sys.stderr.write("me@server.example: Permission denied (publickey).\n")
        sys.exit(255)
    if fault == "repeats":
        sys.stderr.write("bad arguments: %s; token=pr1nted\n%s\nthe last line tells the cause\n"
                         % (" ".join(ARGUMENTS), "a banner " * 500))
        sys.exit(1)
    settle(so)
    url = open_tunnel(ARGUMENTS[0])
    if fault == "wrong_url_first":
        print("Read the terms at http://127.0.0.1:1", "http://127.0.0.1:1/docs/", sep="\n")
        print("Something else altogether is to be found at http://127.0.0.1:2 , by the way", flush=True)
        time.sleep(0.2)
    if fault != "never":
        print("Forwarding HTTP traffic from", url, flush=True)
    stay()


append("calls", json.dumps([NAME] + ARGUMENTS))
with open(path("env.json"), "w") as file:
    json.dump(dict(os.environ), file)
{"zrok": zrok, "zrok2": zrok, "cloudflared": cloudflared}.get(NAME, other)()
