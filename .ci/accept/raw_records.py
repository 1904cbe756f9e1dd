"""Compares the records of a source or a tap with those of the stdin wire.

In each of two syncs, each table must have the same changes in the same order, with all digits,
characters and nulls. The cursor that a source adds must grow from record to record.

    raw_records.py airbyte|singer EXE CONFIG NEXT        NEXT is the configuration of the source after changes
"""

import json
import os
import subprocess

from kit import airbyte_wire, report, singer_wire, stdin_wire, tables, values

CURSOR = "_ab_cdc_cursor"

result, work = report.Report(), report.directory()


class Source:
    """An Airbyte source."""

    def __init__(self, exe):
        self.exe, self.states, self.cursors = exe, None, {}

    def sync(self, config, keys):
        """Returns the operations of the next sync."""
        line = airbyte_wire.command(work, self.exe, config, airbyte_wire.discover(self.exe, config), self.states)
        done = subprocess.run(line, capture_output=True, check=False)
        result.expect(done.returncode == 0, f"read: status {done.returncode}: {done.stderr.decode()[-500:]}")
        messages = [json.loads(text) for text in done.stdout.splitlines()]
        self.states = airbyte_wire.last_states(messages)
        for message in messages:
            if message["type"] == "RECORD" and keys[message["record"]["stream"]]:
                self.see_cursor(message["record"])
        return airbyte_wire.operations(done.stdout, keys)

    def see_cursor(self, record):
        """Checks that the cursor of a record is later than that of the stream's previous record."""
        name, cursor = record["stream"], record["data"].get(CURSOR)
        before = self.cursors.get(name, -1)
        result.expect(isinstance(cursor, int) and cursor > before, f"{name}: {CURSOR} is {cursor} after {before}")
        self.cursors[name] = cursor or before


class Tap:
    """A Singer tap."""

    def __init__(self, exe):
        self.exe, self.state = exe, None

    def sync(self, config, keys):
        """Returns the operations of the next sync."""
        path = os.path.join(work, "messages")
        self.state = singer_wire.run(result, self.exe, config, path, self.state)
        return singer_wire.operations(path, keys)


def compare(what, want, got):
    """Reports the differences between two lists of operations of one table."""
    result.expect(len(want) == len(got), f"{what}: expected {len(want)} records, got {len(got)}")
    differences = {}
    for number, (a, b) in enumerate(zip(want, got), 1):
        if not result.expect(a.kind == b.kind, f"{what}, record {number}: expected {a}, got {b}"):
            break
        for column in a.row | b.row:
            x, y = a.row.get(column), b.row.get(column)
            if not values.same(x, y):
                text = f"{what}, record {number}, {column}: expected {x!r}, got {y!r}"
                differences.setdefault(column, []).append(text)
    result.columns(differences)


def main():
    parser = report.parser(__doc__)
    parser.add_argument("wire", choices=("airbyte", "singer"))
    parser.add_argument("exe")
    parser.add_argument("config")
    parser.add_argument("next")
    options = parser.parse_args()
    configs = [options.config, options.next]
    declared, syncs = stdin_wire.history(options.exe, configs)
    keys = {name: table.key for name, table in declared.items()}
    airbyte = options.wire == "airbyte"
    wire = Source(options.exe) if airbyte else Tap(options.exe)
    replica = stdin_wire.tables(options.exe, options.config)
    for number, (config, expected) in enumerate(zip(configs, syncs), 1):
        got = tables.apply(replica, wire.sync(config, keys))
        for name in declared:
            # A source has no message that says truncate.
            want = [
                operation
                for operation in expected
                if operation.table == name and not (airbyte and operation.kind == "truncate")
            ]
            have = [operation for operation in got if operation.table == name]
            print(f"sync {number}, {name}: {len(want)} records")
            compare(f"sync {number}, {name}", want, have)
    result.finish()


main()
