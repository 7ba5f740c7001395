"""What the clients produce, and the comparison with what was read."""

import collections
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "clients"))
from contract import Record  # noqa: E402

PARTITIONS = 4

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


def live(client, to):
    """Two more records for every partition."""
    return [Record(b"live", f"<{client.name}/none> {to} {nth}".encode()) for nth in range(2 * PARTITIONS)]


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
