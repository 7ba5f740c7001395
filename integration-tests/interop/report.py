"""What was checked, what came of it, and the table that says so."""

import collections

CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]
COLUMNS = [*CODECS, "group"]


class Report:
    """Each check is a row and a column, with the problems found; none means that it passed."""

    def __init__(self):
        self.checks = collections.defaultdict(list)
        self.absent = {}

    def check(self, row, column):
        """Notes that this is being checked; returns the list that its problems go into."""
        return self.checks[row, column]

    def count(self, require_all):
        """How many passed, failed and were skipped."""
        failed = sum(1 for problems in self.checks.values() if problems)
        passed = len(self.checks) - failed
        return (passed, failed + len(self.absent), 0) if require_all else (passed, failed, len(self.absent))

    def print(self, require_all):
        table = dict.fromkeys(row for row, column in self.checks if column in COLUMNS)
        width = max(map(len, ["client", *table, *self.absent]))
        print("\n" + "client".ljust(width), *(column.rjust(7) for column in COLUMNS))
        for row in table:
            print(row.ljust(width), *(self.cell(row, column).rjust(7) for column in COLUMNS))
        for name, reason in self.absent.items():
            print(name.ljust(width), f"  skipped: {reason}")
        for row, column in self.checks:
            if column not in COLUMNS:
                print(f"{row}, {column}: {self.cell(row, column)}")
        print()
        for (row, column), problems in self.checks.items():
            if problems:
                print(f"{row}, {column}: {len(problems)} problems, the first: {problems[0]}")
        passed, failed, skipped = self.count(require_all)
        print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))

    def cell(self, row, column):
        if (row, column) not in self.checks:
            return "-"
        return "FAILED" if self.checks[row, column] else "ok"
