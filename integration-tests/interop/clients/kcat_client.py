"""Debian's `kcat`, a command line over the librdkafka of the distribution, old on purpose."""

import re
import subprocess
import sys
import tempfile
import threading

from contract import Record, main, records_to_produce, say_assigned, say_record, standard_input_closed

# What kcat prints per record: the lengths tell null (-1) from empty, and where the bytes end.
FORMAT = r"%p %o %K %S [%h]\n%k%s\n"
HEAD = re.compile(rb"(\d+) (\d+) (-?\d+) (-?\d+) \[(.*)\]\n")


def produce(bootstrap, topic, codec):
    """One process per record: key and headers are arguments, and hold for a whole run.

    Records of one partition without headers go through one run, or no batch would be compressed.
    """
    lines = {}
    for partition, record in records_to_produce():
        if record.headers or not is_line(record):
            write_lines(bootstrap, topic, codec, lines)
            write_one(bootstrap, topic, codec, partition, record)
        else:
            lines.setdefault(partition, []).append(record.key + b"\t" + record.value + b"\n")
    write_lines(bootstrap, topic, codec, lines)


def is_line(record):
    """Whether key and value can be one line of kcat's input."""
    return all(part and not re.search(rb"[\t\n]", part) for part in (record.key, record.value))


def write_lines(bootstrap, topic, codec, lines):
    for partition, text in lines.items():
        run = kcat(bootstrap, topic, codec, partition) + ["-K", "\t"]
        subprocess.run(run, input=b"".join(text), check=True, timeout=30)
    lines.clear()


def write_one(bootstrap, topic, codec, partition, record):
    run = kcat(bootstrap, topic, codec, partition)
    for name, value in record.headers:
        run += ["-H", name.encode() + b"=" + value]
    if not record.value:
        # An empty file is skipped, but a line with a key of any kind is not.
        run += ["-K", "\t"] + (["-Z"] if record.value is None else [])
        subprocess.run(run, input=(record.key or b"") + b"\t\n", check=True, timeout=30)
        return
    if record.key is not None:
        run += ["-k", record.key]
    with tempfile.NamedTemporaryFile() as file:
        file.write(record.value)
        file.flush()
        # A file is one message, whatever is in it.
        subprocess.run(run + [file.name], check=True, timeout=30)


def kcat(bootstrap, topic, codec, partition):
    settings = ["-X", f"compression.codec={codec}", "-X", "linger.ms=20", "-X", "acks=all"]
    return ["kcat", "-q", "-P", "-b", bootstrap, "-t", topic, "-p", str(partition), *settings]


def consume(bootstrap, group, topic):
    settings = ["auto.offset.reset=earliest", "session.timeout.ms=10000", "heartbeat.interval.ms=500"]
    run = ["kcat", "-b", bootstrap, "-u", "-f", FORMAT]
    for setting in settings:
        run += ["-X", setting]
    run += ["-G", group, topic]
    member = subprocess.Popen(run, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    closed = standard_input_closed()
    threading.Thread(target=tell_assignments, args=[member.stderr], daemon=True).start()
    threading.Thread(target=lambda: (closed.wait(), member.terminate()), daemon=True).start()
    while (head := member.stdout.readline()):
        partition, offset, key, value, headers = HEAD.fullmatch(head).groups()
        record = Record(read(member.stdout, key), read(member.stdout, value), tuple(parse_headers(headers)))
        member.stdout.readline()
        say_record(int(partition), int(offset), record)
    member.wait(timeout=30)


def read(stream, length):
    length = int(length)
    return None if length < 0 else stream.read(length)


def parse_headers(text):
    """kcat prints `name=value,name=NULL`; the orchestrator gives it no name or value with these signs."""
    for pair in filter(None, text.split(b",")):
        name, value = pair.split(b"=", 1)
        yield name.decode(), None if value == b"NULL" else value


def tell_assignments(stderr):
    for line in stderr:
        if b"assigned:" in line and b"rebalanced" in line:
            say_assigned(map(int, re.findall(rb"\[(\d+)\]", line.split(b"assigned:", 1)[1])))
        elif b"revoked" not in line and b"Reached end" not in line:
            sys.stderr.buffer.write(line)


main(produce, consume)
