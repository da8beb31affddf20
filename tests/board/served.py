"""A `vedette serve` for tests: the real program on a free port."""
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile

RULES = "rules"
ATTACK = "examples/data/attack.ndjson.gz"
POLICY = "examples/data/response/policy.json"
PLAYBOOK = "examples/data/response/contain_host.json"
USERS = {"ada": "tier1", "bob": "responder", "lea": "lead", "max": "lead"}


def token_of(name):
    return (name + "-") * 12


class Served:
    """Starts in the constructor; use as a context, which ends it as a user would."""

    def __init__(self, binary, events=ATTACK, rules=RULES, options=()):
        self.folder = tempfile.mkdtemp(prefix="vedette-board-")
        self.audit = os.path.join(self.folder, "audit.log")
        self.commands = os.path.join(self.folder, "commands.jsonl")
        self.binary = binary
        tokens = os.path.join(self.folder, "tokens")
        with open(os.open(tokens, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="ascii") as file:
            file.writelines("%s %s\n" % (name, token_of(name)) for name in USERS)
        command = [binary, "serve", "--rules", rules, "--events", events, "--port", "0",
                   "--audit", self.audit, "--commands", self.commands, "--policy", POLICY,
                   "--playbooks", PLAYBOOK, "--token-file", tokens]
        for user, roles in USERS.items():
            command += ["--user", "%s=%s" % (user, roles)]
        self.process = subprocess.Popen(command + list(options), stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, stdin=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        found = re.match(r"Board:  (http://127\.0\.0\.1:(\d+)/)$", line)
        if not found:
            raise RuntimeError("no board: %r %s" % (line, self.process.communicate(timeout=10)[1]))
        self.url, self.port = found.group(1), int(found.group(2))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            code, errors = self.stop()
            if code != 0:
                raise RuntimeError("vedette serve ended with %s: %s" % (code, errors))
        finally:
            shutil.rmtree(self.folder)

    def stop(self):
        """As by Ctrl-C: the exit code and what it said on standard error."""
        if self.process.returncode is not None:
            return self.process.returncode, ""
        self.process.send_signal(signal.SIGINT)
        try:
            errors = self.process.communicate(timeout=15)[1]
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        return self.process.returncode, errors

    def ask(self, method, path, body=None, user="ada", headers=None, timeout=30):
        """(status, headers, body); the body is read as JSON where it is said to be."""
        sent = {"Content-Type": "application/json", "X-Vedette": "1"}
        if user:
            sent["Authorization"] = "Bearer " + token_of(user)
        sent.update(headers or {})
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            text = json.dumps(body) if isinstance(body, (dict, list)) else body
            connection.request(method, path, text, sent)
            response = connection.getresponse()
            data = response.read()
        finally:
            connection.close()
        if response.headers.get("Content-Type") == "application/json" and data:
            data = json.loads(data)
        return response.status, response.headers, data

    def get(self, path, **kwargs):
        status, _, body = self.ask("GET", path, **kwargs)
        if status != 200:
            raise AssertionError("%s: %s %s" % (path, status, body))
        return body

    def post(self, path, body, **kwargs):
        return self.ask("POST", path, body, **kwargs)[0]

    def verify(self):
        """Whether `vedette verify` says that the audit log is whole."""
        return subprocess.run([self.binary, "verify", self.audit], capture_output=True).returncode == 0

    def wait_until_read(self):
        while not self.get("/api/queue")["input_ended"]:
            pass
