#!/usr/bin/env python3
"""Foreign clients against one broker: each produces under each codec and reads what all produced.

    interop.py BOOTSTRAP --topics COMMAND [--require-all] [--only CLIENT,…] NAME=COMMAND… NAME!=REASON…

run.sh calls it with a command per client, or with the reason why there is none. All clients produce
to one topic, one after the other, so that for every partition the exact sequence of records is
known. Then each client reads it in a group of two: nobody is idle, every record is seen as it was
produced, and when one member leaves, the other has everything.

The last line is `N passed, N failed`, where a check is one client under one codec, or one client's
group; the status is 0 if none failed.
"""

import argparse
import collections
import contextlib
import os
import re
import shlex
import subprocess
import sys
import threading
import time
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "clients"))
from contract import Record, record, words  # noqa: E402

CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]
PARTITIONS = 4
PATIENCE = 60

# Every record says in its key, its value or a header who produced it under which codec.
TAG = re.compile(rb"<([a-z-]+)/([a-z0-9]+)>")


def null_header(record):
    return any(value is None for _, value in record.headers)


def nothing_but_headers(record):
    return record.key is None and record.value is None


# What a client's own interface refuses to send. Everybody must read everything.
CANNOT_SEND = {
    # It takes key and headers as arguments, which a zero byte ends.
    "kcat": lambda record: null_header(record) or b"\0" in (record.key or b""),
    "kafka-python": lambda record: null_header(record) or nothing_but_headers(record),
    "aiokafka": nothing_but_headers,
}


def shapes(name):
    """One record of every shape, each with its tag somewhere, and enough alike for a codec to bite."""
    yield from (
        Record(b"plain", name),
        Record(None, name),
        Record(name, None),
        Record(None, None, (("tag", name),)),
        Record(b"", b"", (("tag", name),)),
        Record(b"\xff\x00\n\r\t", name + b"\xc3\x28\x00\n"),
        Record("schlüssel".encode(), "große Grüße, 你好, 🦀 ".encode() + name),
        Record(b"repeated", name, (("h", b"1"), ("h", b"2"), ("h", b"1"))),
        Record(b"no value", name, (("null", None), ("empty", b""))),
        Record(b"no text", name, (("kopf-ü", b"\xff\xfe\x80"),)),
        Record(b"large", name + b" and again" * 20_000),
    )
    for nth in range(160):
        yield Record(b"key %d" % (nth % 7), b"%s number %d, much like the others" % (name, nth))


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


class Corpus:
    """What lies in the topic: for each source and partition the exact sequence of records.

    A source is a client under a codec. One that failed to produce is left out: what it managed to
    write is nobody's fault.
    """

    def __init__(self, topic):
        self.topic = topic
        self.sequences = collections.defaultdict(list)

    def add(self, client, codec, records):
        """Produces and notes; raises if the client could not."""
        placed = [(nth % PARTITIONS, record) for nth, record in enumerate(records)]
        client.produce(self.topic, codec, placed)
        for partition, record in placed:
            self.sequences[client.name, codec, partition].append(record)

    def size(self):
        return sum(map(len, self.sequences.values()))

    def has_been_read(self, *members):
        """Whether the members together have seen as many records of each source as there are."""
        seen = {position: source for member in members for position, source in member.sources.items()}
        counts = collections.Counter((*source, partition) for (partition, _), source in seen.items() if source)
        return all(counts[at] >= len(records) for at, records in self.sequences.items())

    def differences(self, seen):
        """Pairs of (client, codec) and what is wrong with a record they produced."""
        by_source = collections.defaultdict(list)
        for (partition, offset), record in sorted(seen.items()):
            if source := source_of(record):
                by_source[(*source, partition)].append((offset, record))
            else:
                yield ("nobody", "none"), f"partition {partition} offset {offset}: {shorten(record)}"
        for (client, codec, partition), expected in self.sequences.items():
            got = by_source[client, codec, partition]
            if len(got) != len(expected):
                yield (client, codec), f"partition {partition}: {len(got)} records instead of {len(expected)}"
            for (offset, record), produced in zip(got, expected):
                if record != produced:
                    yield (client, codec), f"partition {partition} offset {offset}: {shorten(record)} instead of {shorten(produced)}"


def source_of(record):
    """Client and codec that a record names, if it names any."""
    parts = [record.key, record.value, *(value for _, value in record.headers)]
    tag = next(filter(None, (TAG.search(part) for part in parts if part)), None)
    return tag and tuple(part.decode() for part in tag.groups())


def shorten(record):
    text = "nothing" if record is None else repr(record)
    return text if len(text) < 200 else text[:190] + "…"


def group_of_two(client, corpus, run):
    """Reads the corpus in a group of two members, one of which leaves; returns all that was seen."""
    group = f"{run}-{client.name}"
    everything = set(range(PARTITIONS))
    with client.member(group, corpus.topic) as first, client.member(group, corpus.topic) as second:
        complete = lambda: corpus.has_been_read(first, second)  # noqa: E731
        first.wait("both members to have partitions", lambda: first.assigned and second.assigned)
        first.wait(
            "the members to share the partitions",
            lambda: not first.assigned & second.assigned and first.assigned | second.assigned == everything,
        )
        first.wait("the group to have read everything", complete)

        # New records now: whoever is idle gets none.
        before = len(first.seen), len(second.seen)
        corpus.add(client, "none", live(client, "to both"))
        first.wait("the group to read on", complete)
        if len(first.seen) == before[0] or len(second.seen) == before[1]:
            raise Failed("a member is idle: it has partitions and was given no new record of them")

        first.leave()
        second.wait("the other to have all partitions", lambda: second.assigned == everything)
        corpus.add(client, "none", live(client, "to one"))
        second.wait("the other to read on alone", complete)
        second.leave()
        return {**first.seen, **second.seen}


def live(client, to):
    """Two more records for every partition."""
    return [Record(b"live", f"<{client.name}/none> {to} {nth}".encode()) for nth in range(2 * PARTITIONS)]


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bootstrap")
    parser.add_argument("clients", nargs="+", metavar="NAME=COMMAND", help="or NAME!=REASON for one that is not there")
    parser.add_argument("--topics", required=True, help="the program that makes a topic: BOOTSTRAP TOPIC PARTITIONS")
    parser.add_argument("--require-all", action="store_true", help="an absent client is a failure")
    parser.add_argument("--only", default="", help="these clients only, with commas between")
    arguments = parser.parse_args()
    only = set(filter(None, arguments.only.split(",")))
    present, absent = [], {}
    for pair in arguments.clients:
        name, given = pair.split("=", 1)
        if only and name.rstrip("!") not in only:
            continue
        if name.endswith("!"):
            absent[name[:-1]] = given
        else:
            present.append(Client(name, shlex.split(given), arguments.bootstrap))
    return arguments, present, absent


def main():
    arguments, clients, absent = parse_arguments()
    run = f"interop-{uuid.uuid4().hex[:8]}"
    problems = collections.defaultdict(list)
    corpus = Corpus(run)
    subprocess.run([*arguments.topics.split(), arguments.bootstrap, corpus.topic, str(PARTITIONS)], check=True, timeout=PATIENCE)

    for client in clients:
        cannot = CANNOT_SEND.get(client.name, lambda record: False)
        for codec in CODECS:
            records = [record for record in shapes(f"<{client.name}/{codec}>".encode()) if not cannot(record)]
            try:
                corpus.add(client, codec, records)
            except (Failed, subprocess.TimeoutExpired) as refusal:
                problems[client.name, codec].append(str(refusal))
    print(f"{corpus.size()} records in {PARTITIONS} partitions from {len(clients)} clients", flush=True)

    for client in clients:
        started = time.monotonic()
        try:
            seen = group_of_two(client, corpus, run)
            for source, difference in corpus.differences(seen):
                problems[source].append(f"{client.name} read {difference}")
        except (Failed, subprocess.TimeoutExpired) as refusal:
            problems[client.name, "group"].append(str(refusal))
        print(f"{client.name}: group done in {time.monotonic() - started:.1f} s", flush=True)

    report(clients, absent, problems, arguments.require_all)


def report(clients, absent, problems, require_all):
    columns = [*CODECS, "group"]
    width = max(len(name) for name in [*(client.name for client in clients), *absent, "client"])
    print()
    print("client".ljust(width), *(column.rjust(7) for column in columns))
    for client in clients:
        cells = ["FAILED" if problems.get((client.name, column)) else "ok" for column in columns]
        print(client.name.ljust(width), *(cell.rjust(7) for cell in cells))
    for name, reason in absent.items():
        print(name.ljust(width), f"skipped: {reason}")
    print()
    for (name, column), found in problems.items():
        print(f"{name} {column}: {len(found)} problems, the first: {found[0]}")

    failed = sum(1 for found in problems.values() if found) + (len(absent) if require_all else 0)
    passed = len(clients) * len(columns) - sum(1 for found in problems.values() if found)
    print(f"{passed} passed, {failed} failed" + ("" if require_all else f", {len(absent)} skipped"))
    sys.exit(1 if failed else 0)


main()
