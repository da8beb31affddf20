#!/usr/bin/env python3
"""`vedette serve` over real sockets: who gets in, what it withstands, what it keeps. Usage:
http_test.py PATH_TO_VEDETTE, from the top of the tree."""
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from served import ATTACK, RULES, Served, token_of  # noqa: E402

VEDETTE = None


def raw(port, data, seconds=20, half=False):
    """All that comes back for these bytes until the connection ends."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        connection.sendall(data)
        if half:
            connection.shutdown(socket.SHUT_WR)
        out = b""
        while True:
            try:
                piece = connection.recv(65536)
            except ConnectionResetError:
                return out
            if not piece:
                return out
            out += piece


class ServedTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.served = Served(VEDETTE)
        cls.served.wait_until_read()

    @classmethod
    def tearDownClass(cls):
        cls.served.__exit__()

    def test_nothing_without_a_token(self):
        for path in ["session", "queue", "scorecard", "matrix", "response", "health", "audit",
                     "changes?since=0", "incidents/" + "0" * 32]:
            status, headers, body = self.served.ask("GET", "/api/" + path, user=None)
            self.assertEqual(status, 401, path)
            self.assertEqual(list(body), ["error"])
            self.assertIn("default-src 'none'", headers["Content-Security-Policy"])
        self.assertEqual(self.served.post("/api/runs", {}, user=None), 401)

    def test_the_page_needs_no_token_and_says_nothing(self):
        status, headers, body = self.served.ask("GET", "/", user=None)
        self.assertEqual(status, 200)
        self.assertEqual(headers["Content-Type"], "text/html; charset=utf-8")
        self.assertNotIn(b"wks-anna", body)
        self.assertEqual(self.served.ask("GET", "/main.mjs", user=None)[0], 200)
        self.assertEqual(self.served.ask("GET", "/../../etc/passwd", user=None)[0], 404)

    def test_the_incidents_are_those_of_triage(self):
        told = subprocess.run(
            [VEDETTE, "triage", "-r", RULES, "-e", ATTACK, "-o", "ndjson", "-q"],
            capture_output=True, text=True, check=True).stdout
        expected = {json.loads(line)["incident_id"]: len(json.loads(line)["alerts"])
                    for line in told.splitlines()}
        queue = self.served.get("/api/queue")
        self.assertEqual({i["incident_id"]: i["alerts"] for i in queue["incidents"]}, expected)
        self.assertGreater(len(expected), 5)

    def test_names_that_were_made_to_point_here(self):
        for host in ["evil.example", "127.0.0.1:1", "localhost"]:
            status = self.served.ask("GET", "/api/queue", headers={"Host": host})[0]
            self.assertEqual(status, 421, host)
        host = "localhost:%d" % self.served.port
        self.assertEqual(self.served.ask("GET", "/api/queue", headers={"Host": host})[0], 200)

    def test_other_pages_change_nothing(self):
        for headers, expected in [({"Origin": "http://evil.example"}, 403),
                                  ({"Sec-Fetch-Site": "cross-site"}, 403), ({"X-Vedette": ""}, 403),
                                  ({"Content-Type": "text/plain"}, 415)]:
            self.assertEqual(self.served.post("/api/runs", {}, headers=headers), expected, headers)

    def test_too_large_and_too_long(self):
        self.assertEqual(self.served.ask("GET", "/" + "a" * 5000)[0], 414)
        self.assertIn(self.served.post("/api/runs", "x" * 400_000), (413,))
        port = self.served.port
        # Headers without an end, and a body without a length: the connection ends, the server not.
        head = b"GET / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n" % port
        self.assertNotIn(b" 200 ", raw(port, head + b"A: b\r\n" * 100_000))
        chunk = b"ffff\r\n" + b"x" * 0xFFFF + b"\r\n"
        chunked = (b"POST /api/runs HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nX-Vedette: 1\r\n"
                   b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" % port)
        self.assertNotIn(b" 200 ", raw(port, chunked + chunk * 50))
        self.assertEqual(self.served.ask("GET", "/")[0], 200)

    def test_garbage(self):
        port = self.served.port
        for data in [b"\r\n\r\n", b"\0" * 1000, b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
                     b"GET /%0d%0aA:b HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
                     b"POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
                     b"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
                     b"GET / HTTP/1.1\r\nRange: bytes=0-1,2-3,4-\r\nHost: 127.0.0.1:%d\r\n\r\n" % port,
                     b"TRACE / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n" % port]:
            answer = raw(port, data, half=True)
            self.assertNotIn(b" 200 ", answer, data)
            self.assertNotIn(b"\nA:b", answer)
        self.assertEqual(self.served.ask("GET", "/")[0], 200)

    def test_who_sends_slowly_is_not_waited_for(self):
        with socket.create_connection(("127.0.0.1", self.served.port), timeout=30) as slow:
            started = time.monotonic()
            slow.sendall(b"GET / HTTP/1.1\r\n")
            ended = None
            slow.settimeout(0.5)
            while ended is None and time.monotonic() - started < 25:
                try:
                    slow.sendall(b"A")
                    if slow.recv(1000) is not None:
                        ended = time.monotonic()
                except TimeoutError:
                    pass
                except OSError:
                    ended = time.monotonic()
            self.assertIsNotNone(ended)
            self.assertLess(ended - started, 15)

    def test_idle_connections_do_not_lock_others_out(self):
        idle = [socket.create_connection(("127.0.0.1", self.served.port)) for _ in range(64)]
        try:
            started = time.monotonic()
            self.assertEqual(self.served.ask("GET", "/api/queue")[0], 200)
            self.assertLess(time.monotonic() - started, 10)
        finally:
            for connection in idle:
                connection.close()

    def test_a_question_for_news_waits_for_them(self):
        incident = self.served.get("/api/queue")["incidents"][-1]
        version = self.served.get("/api/session")["version"]
        answers = []
        thread = threading.Thread(target=lambda: answers.append(
            self.served.get("/api/changes?since=%d" % version)))
        thread.start()
        time.sleep(0.5)
        self.assertEqual(answers, [])
        self.served.post("/api/incidents/%s/comment" % incident["incident_id"], {"text": "hello"})
        thread.join(10)
        self.assertNotEqual(answers[0]["version"], version)

    def test_two_at_once_and_only_one_wins(self):
        incident = self.served.get("/api/queue")["incidents"][-2]
        path = "/api/incidents/%s/assign" % incident["incident_id"]
        statuses = []
        threads = [threading.Thread(target=lambda i=i: statuses.append(self.served.post(
            path, {"version": incident["version"], "assignee": "user%d" % i}))) for i in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(statuses), [200] + [409] * 7)
        self.assertTrue(self.served.verify())


class LifeTest(unittest.TestCase):
    def test_what_comes_into_a_followed_file_shows(self):
        with tempfile.TemporaryDirectory() as folder:
            events = os.path.join(folder, "events.jsonl")
            lines = subprocess.run(["gzip", "-dc", ATTACK], capture_output=True, text=True,
                                   check=True).stdout.splitlines(keepends=True)
            with open(events, "w", encoding="utf-8") as file:
                file.writelines(lines[:200])
            with Served(VEDETTE, events, options=["--follow"]) as served:
                with open(events, "a", encoding="utf-8") as file:
                    file.writelines(lines[200:])
                deadline = time.monotonic() + 20
                while time.monotonic() < deadline:
                    queue = served.get("/api/queue")
                    if queue["events"] == len(lines):
                        break
                    time.sleep(0.1)
                self.assertEqual(queue["events"], len(lines))
                self.assertGreater(queue["total"], 5)
                self.assertFalse(queue["input_ended"])

    def test_the_audit_log_goes_on_after_a_crash(self):
        served = Served(VEDETTE)
        served.wait_until_read()
        incident = served.get("/api/queue")["incidents"][0]["incident_id"]
        self.assertEqual(served.post("/api/incidents/%s/comment" % incident, {"text": "one"}), 200)
        other = subprocess.run([VEDETTE, "serve", "-r", RULES, "-e", ATTACK, "--port", "0",
                                "--audit", served.audit], capture_output=True, text=True)
        self.assertEqual(other.returncode, 1)
        self.assertIn("another program writes to it", other.stderr)
        served.process.kill()
        served.process.communicate()
        before = os.path.getsize(served.audit)
        with open(served.audit, "ab") as file:
            file.write(b'{"seq":')  # as if it had died while it wrote
        again = subprocess.Popen([VEDETTE, "serve", "-r", RULES, "-e", ATTACK, "--port", "0",
                                  "--audit", served.audit], stdout=subprocess.PIPE, text=True)
        self.assertIn("Board:", again.stdout.readline())
        served.process = again
        time.sleep(1)
        self.assertEqual(served.stop()[0], 0)
        self.assertGreater(os.path.getsize(served.audit), before)
        self.assertTrue(served.verify())
        with open(served.audit, "r+b") as file:
            file.seek(400)
            file.write(b"X")
        changed = subprocess.run([VEDETTE, "serve", "-r", RULES, "-e", ATTACK, "--port", "0",
                                  "--audit", served.audit], capture_output=True, text=True)
        self.assertEqual(changed.returncode, 1)
        self.assertIn("it is not written on", changed.stderr)

    def test_an_open_pipe_does_not_keep_it_alive(self):
        served = Served(VEDETTE, "-")
        self.assertEqual(served.get("/api/queue")["events"], 0)
        self.assertEqual(served.stop()[0], 0)

    def test_options(self):
        def refused(*options):
            done = subprocess.run([VEDETTE, "serve", "-r", RULES, "-e", ATTACK, *options],
                                  capture_output=True, text=True, timeout=20)
            self.assertIn(done.returncode, (1, 2))
            return done.stderr

        self.assertIn("at most 65535", refused("--port", "70000"))
        self.assertIn("needs --policy", refused("--playbooks", "x.json"))
        self.assertIn("given twice", refused("--user", "ada", "--user", "ada"))
        self.assertIn("no name", refused("--user", "a b"))
        policy = "examples/data/response/policy.json"
        self.assertIn("no role", refused("--policy", policy, "--user", "ada=boss"))
        self.assertIn("no role", refused("--policy", policy, "--user", "ada=engine"))
        self.assertIn("which roles", refused("--policy", policy, "--user", "ada"))
        with tempfile.NamedTemporaryFile("w") as file:
            file.write(token_of("ada") + "\n")
            file.flush()
            os.chmod(file.name, 0o644)
            self.assertIn("chmod 600", refused("--token-file", file.name))
            os.chmod(file.name, 0o600)
            self.assertIn("no token for ada", refused("--token-file", file.name, "--user", "ada"))
            file.write("short short\n")
            file.flush()
            self.assertIn("at least 32", refused("--token-file", file.name))
        with socket.create_server(("127.0.0.1", 0)) as taken:
            self.assertIn("cannot listen", refused("--port", str(taken.getsockname()[1])))

    def test_random_tokens(self):
        tokens = set()
        for _ in range(2):
            process = subprocess.Popen([VEDETTE, "serve", "-r", RULES, "-e", ATTACK, "--port", "0"],
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            self.assertIn("Board:", process.stdout.readline())
            token = process.stdout.readline().split()[-1]
            self.assertRegex(token, "^[0-9a-f]{64}$")
            tokens.add(token)
            process.kill()
            process.communicate()
        self.assertEqual(len(tokens), 2)


if __name__ == "__main__":
    VEDETTE = os.path.abspath(sys.argv.pop(1))
    unittest.main()
