"""What every client program is asked to do, and the lines it speaks.

    CLIENT produce BOOTSTRAP TOPIC CODEC    reads records from standard input, one a line, and ends
                                            with status 0 once all of them are acknowledged
    CLIENT consume BOOTSTRAP GROUP TOPIC    joins the group, prints what it is assigned and what it
                                            receives; when standard input closes it leaves the group,
                                            prints `left` and ends

A record to produce is `PARTITION KEY VALUE [NAME VALUE]...`; one that was received is
`record PARTITION OFFSET KEY VALUE [NAME VALUE]...`; an assignment is `assigned [PARTITION]...`, all
that the member now has. Bytes are in hexadecimal, `-` is null and `.` is empty, so that the
simplest program in any language can tell the two apart.
"""

import dataclasses
import sys
import threading


@dataclasses.dataclass(frozen=True)
class Record:
    """What a record carries: null and empty differ, and so does the order of the headers."""

    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...] = ()


def word(data):
    """Bytes or null as one word."""
    if data is None:
        return "-"
    return data.hex() or "."


def data(word):
    """The opposite of `word`."""
    if word == "-":
        return None
    return b"" if word == "." else bytes.fromhex(word)


def words(record):
    """A record as words: key, value, then name and value of each header."""
    pairs = [part for name, value in record.headers for part in (word(name.encode()), word(value))]
    return [word(record.key), word(record.value), *pairs]


def record(words):
    """The opposite of `words`."""
    key, value, *pairs = words
    names, values = pairs[0::2], pairs[1::2]
    headers = tuple((data(name).decode(), data(value)) for name, value in zip(names, values))
    return Record(data(key), data(value), headers)


def records_to_produce(lines=sys.stdin):
    """What a client is to produce: pairs of partition and record."""
    for line in lines:
        partition, *rest = line.split()
        yield int(partition), record(rest)


def say(*parts):
    """One line for whoever runs this client."""
    print(*parts, flush=True)


def say_assigned(partitions):
    say("assigned", *sorted(partitions))


def say_record(partition, offset, record):
    say("record", partition, offset, *words(record))


def standard_input_closed():
    """An event that is set when whoever runs this client wants the member to leave."""
    closed = threading.Event()

    def watch():
        sys.stdin.read()
        closed.set()

    threading.Thread(target=watch, daemon=True).start()
    return closed


def main(produce, consume):
    """The command line of a client."""
    match sys.argv[1:]:
        case ["produce", bootstrap, topic, codec]:
            produce(bootstrap, topic, codec)
        case ["consume", bootstrap, group, topic]:
            consume(bootstrap, group, topic)
            say("left")
        case _:
            sys.exit("usage: produce BOOTSTRAP TOPIC CODEC | consume BOOTSTRAP GROUP TOPIC")
