"""Pipes two syncs of a tap into a target and compares what it stored with the tables of the stdin wire.

The target must accept all messages, give back the last state of the tap, and store as many rows as
the tap sent.

    singer_target.py jsonl|csv|postgres EXE CONFIG NEXT --clients DIRECTORY

NEXT is the configuration of the source after changes. For postgres, the environment variables PGHOST
(a directory with a socket), PGUSER and PGDATABASE name an empty database.
"""

import collections
import csv
import json
import os
import subprocess
import uuid
from decimal import Decimal

from kit import report, singer_wire, stdin_wire, tables, targets, values

result, work = report.Report(), report.directory()


class JSONLines:
    """target-jsonl, which appends each record to a file of its stream."""

    client, program, target = "jsonl", "target-jsonl", targets.JSONLines()

    def __init__(self):
        self.settings = {"destination_path": work, "do_timestamp_file": False}

    def lines(self, name):
        """Returns the records of a stream, in the order in which they came."""
        path = os.path.join(work, name + ".jsonl")
        if not os.path.exists(path):
            return []
        with open(path, "rb") as file:
            return [values.loads(line, Decimal) for line in file]

    def end_sync(self, counts):
        """Checks the files after a sync that sent counts records."""

    def rows(self, table):
        """Returns the stored rows of a table. The last record of a key counts."""
        return latest(table, self.lines(table.name), self.target)


def latest(table, records, target):
    """Returns the last record of each key, without those that are marked as deleted."""
    found = {}
    for number, record in enumerate(records):
        key = tuple(record.get(name) for name in table.key) if table.key else number
        found[key] = record
    kept = [record for record in found.values() if record.get(singer_wire.MARK) is None]
    return [{**dict.fromkeys(table.columns), **target.read(record)} for record in kept]
