#!/usr/bin/env python3
"""Foreign clients against one broker: each produces under each codec and reads what all produced.

run.sh calls it with a command per client, or with the reason why there is none. All clients produce
to one topic, so that for each of them, each codec and each partition the exact sequence of records
is known. Then each client reads it all in a group of two: nobody is idle, every record is seen as it
was produced, and when one member leaves, the other has everything. Given the broker's data folder,
Kafka's own tool reads that, too.

The last line is `N passed, N failed`; the status is 0 if none failed.
"""

import argparse
import shlex
import subprocess
import sys
import time
import uuid

from client import PATIENCE, Client, Failed
from corpus import CANNOT_SEND, PARTITIONS, Corpus, shapes
from group import group_of_two
from report import CODECS, Report
from segments import Segments


def main():
    arguments = parse_arguments()
    report = Report()
    clients = present(arguments, report)
    corpus = Corpus(f"interop-{uuid.uuid4().hex[:8]}")
    topic = [*shlex.split(arguments.topics), arguments.bootstrap, corpus.topic, str(PARTITIONS)]
    subprocess.run(topic, check=True, timeout=PATIENCE)

    for client in clients:
        produce(client, corpus, report)
    print(f"{corpus.size()} records in {PARTITIONS} partitions from {len(clients)} clients", flush=True)
    for client in clients:
        started = time.monotonic()
        consume(client, corpus, report)
        print(f"{client.name}: group done in {time.monotonic() - started:.1f} s", flush=True)
    if arguments.data_dir:
        segments = Segments(arguments.data_dir, arguments.tools)
        groups = [group_name(client, corpus) for client in clients]
        report.check("segments", "read by Kafka's own tool").extend(segments.problems(corpus, groups))

    report.print(arguments.require_all)
    sys.exit(1 if report.count(arguments.require_all)[1] else 0)


def produce(client, corpus, report):
    """Every shape of record that the client can express, under every codec."""
    cannot = CANNOT_SEND.get(client.name, lambda record: False)
    for codec in CODECS:
        problems = report.check(client.name, codec)
        records = [record for record in shapes(f"<{client.name}/{codec}>".encode()) if not cannot(record)]
        try:
            corpus.add(client, codec, records)
        except (Failed, subprocess.TimeoutExpired) as refusal:
            problems.append(str(refusal))


def consume(client, corpus, report):
    """Everything that all have produced; a difference is held against who produced the record."""
    problems = report.check(client.name, "group")
    try:
        seen = group_of_two(client, corpus, group_name(client, corpus))
    except (Failed, subprocess.TimeoutExpired) as refusal:
        problems.append(str(refusal))
        return
    for (name, codec), difference in corpus.differences(seen):
        report.check(name, codec).append(f"{client.name} read {difference}")


def group_name(client, corpus):
    return f"{corpus.topic}-{client.name}"


def present(arguments, report):
    """The clients that are there; the report learns why the others are not."""
    only = set(filter(None, arguments.only.split(",")))
    clients = []
    for pair in arguments.clients:
        name, given = pair.split("=", 1)
        if only and name.rstrip("!") not in only:
            continue
        if name.endswith("!"):
            report.absent[name[:-1]] = given
        else:
            clients.append(Client(name, shlex.split(given), arguments.bootstrap))
    return clients


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bootstrap")
    parser.add_argument("clients", nargs="+", metavar="NAME=COMMAND", help="or NAME!=REASON for one that is not there")
    parser.add_argument("--topics", required=True, help="the program that makes a topic: BOOTSTRAP TOPIC PARTITIONS")
    parser.add_argument("--data-dir", help="the broker's data folder, to be read by Kafka's own tool")
    parser.add_argument("--tools", help="the class path of that tool")
    parser.add_argument("--require-all", action="store_true", help="an absent client is a failure")
    parser.add_argument("--only", default="", help="these clients only, with commas between")
    return parser.parse_args()


main()
