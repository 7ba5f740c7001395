"""The files of the broker, as Kafka's own tool reads them.

A broker that keeps its log in Kafka's format must be readable without the broker: every record with
its checksum, both indexes, and the offsets that groups have committed.
"""

import glob
import os
import re
import subprocess

TOOL = "org.apache.kafka.tools.DumpLogSegments"


class Segments:
    """A broker's data folder and the class path of Kafka's tools."""

    def __init__(self, folder, class_path):
        self.folder, self.class_path = folder, class_path

    def problems(self, corpus, groups):
        """What the tool finds wrong with the corpus' topic and with the groups' offsets."""
        logs = self.files(f"{corpus.topic}-*", "*.log")
        dumped = self.dump("--deep-iteration", logs)
        if (records := len(re.findall(r"^\| offset:", dumped, re.MULTILINE))) != corpus.size():
            yield f"the segments hold {records} records instead of {corpus.size()}"
        if (batches := dumped.count("isvalid: false")) > 0:
            yield f"{batches} batches with a wrong checksum"

        indexes = self.files(f"{corpus.topic}-*", "*index")
        checked = self.dump("--index-sanity-check", indexes)
        for index in indexes:
            if f"{index} passed sanity check" not in checked:
                yield f"{index} did not pass the sanity check"

        decoded = self.dump("--offsets-decoder", self.files("__consumer_offsets-*", "*.log"))
        for group in groups:
            if f'"group":"{group}","topic":"{corpus.topic}"' not in decoded:
                yield f"no offset of {group} in __consumer_offsets"

    def files(self, partition, name):
        found = glob.glob(os.path.join(self.folder, partition, name))
        return sorted(file for file in found if os.path.getsize(file) > 0)

    def dump(self, how, files):
        run = ["java", "-XX:TieredStopAtLevel=1", "-cp", self.class_path, TOOL, how, "--files", ",".join(files)]
        return subprocess.run(run, capture_output=True, text=True, timeout=120).stdout
