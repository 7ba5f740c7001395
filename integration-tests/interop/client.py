"""Foreign clients as this script sees them: programs that speak the lines of clients/contract.py."""

import collections
import contextlib
import os
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "clients"))
from contract import record, words  # noqa: E402

from corpus import source_of  # noqa: E402

PATIENCE = 60


class Client:
    """A program that speaks the contract."""

    def __init__(self, name, command, bootstrap):
        self.name, self.command, self.bootstrap = name, command, bootstrap

    def produce(self, topic, codec, records):
        """Produces pairs of partition and record; raises with what the client said."""
        text = "".join(f"{partition} {' '.join(words(record))}\n" for partition, record in records)
        run = subprocess.run(
            [*self.command, "produce", self.bootstrap, topic, codec],
            input=text, text=True, capture_output=True, timeout=PATIENCE,
        )
        if run.returncode != 0:
            raise Failed(f"produce ended with status {run.returncode}: {last_line(run.stderr)}")

    @contextlib.contextmanager
    def member(self, group, topic):
        member = Member([*self.command, "consume", self.bootstrap, group, topic])
        try:
            yield member
        finally:
            member.end()


class Member:
    """A running consumer, and what it has said so far."""

    def __init__(self, command):
        self.assigned = set()
        self.seen = {}
        self.sources = {}
        self.left = False
        self.news = threading.Condition()
        self.errors = collections.deque(maxlen=20)
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        threading.Thread(target=self.listen, daemon=True).start()
        threading.Thread(target=lambda: self.errors.extend(self.process.stderr), daemon=True).start()

    def listen(self):
        for line in self.process.stdout:
            kind, *rest = line.split()
            with self.news:
                if kind == "assigned":
                    self.assigned = set(map(int, rest))
                elif kind == "record":
                    position, got = (int(rest[0]), int(rest[1])), record(rest[2:])
                    self.sources[position] = source_of(got)
                    self.seen[position] = got
                elif kind == "left":
                    self.left = True
                self.news.notify_all()

    def wait(self, what, holds):
        """Waits until it holds; `what` says in words what that is."""
        deadline = time.monotonic() + PATIENCE
        while not holds():
            if self.process.poll() is not None and not self.left:
                raise Failed(f"the member ended by itself: {last_line(''.join(self.errors))}")
            if time.monotonic() > deadline:
                raise Failed(f"waited {PATIENCE} s in vain for {what}")
            with self.news:
                self.news.wait(timeout=0.05)

    def leave(self):
        self.process.stdin.close()
        self.wait("the member to leave", lambda: self.left)
        self.process.wait(timeout=PATIENCE)

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class Failed(Exception):
    """A client or the broker did not do what it should."""


def last_line(text):
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "(it said nothing)"
