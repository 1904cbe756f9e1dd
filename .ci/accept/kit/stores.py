"""The places where Singer targets store rows: how to configure a target for one, and how to read the rows back."""

import csv
import json
import os
import subprocess
import uuid
from decimal import Decimal

from . import singer_wire, targets, values


class Store:
    """The rows that a target has stored."""

    client = program = None  # the environment that setup makes, and the program in it
    target = targets.Target()

    def __init__(self, directory):
        self.directory = directory
        self.settings = {}  # the configuration of the target

    def end_sync(self, problems, counts):
        """Checks the store after a sync that sent counts[stream] records."""

    def rows(self, table):
        """Returns the rows of a table."""
        raise NotImplementedError

    def close(self):
        """Removes everything that the target has stored outside the directory."""


class JSONLines(Store):
    """The files of target-jsonl, which appends each record to the file of its stream."""

    client, program = "jsonl", "target-jsonl"
    target = targets.JSONLines()

    def __init__(self, directory):
        super().__init__(directory)
        self.settings = {"destination_path": directory, "do_timestamp_file": False}
        self.sent = {}

    def records(self, stream):
        """Returns the records of a stream in the order in which they arrived."""
        path = os.path.join(self.directory, stream + ".jsonl")
        if not os.path.exists(path):
            return []
        with open(path, "rb") as file:
            return [values.loads(line, Decimal) for line in file]

    def end_sync(self, problems, counts):
        for stream, count in counts.items():
            self.sent[stream] = self.sent.get(stream, 0) + count
            got = len(self.records(stream))
            problems.expect(got == self.sent[stream], f"{stream}: {self.sent[stream]} records sent, {got} rows written")

    def rows(self, table):
        kept = last_of_each(table, self.records(table.name))
        return [
            {**dict.fromkeys(table.columns), **self.target.read(row)}
            for row in kept
            if row.get(singer_wire.MARK) is None
        ]


class CSV(Store):
    """The files of target-csv, which replaces them in each sync."""

    client, program = "csv", "target-csv"
    target = targets.CSV()

    def __init__(self, directory):
        super().__init__(directory)
        self.settings = {"output_path": directory, "file_naming_scheme": "{stream_name}.csv"}
        self.records = {}

    def end_sync(self, problems, counts):
        for stream, count in counts.items():
            with open(os.path.join(self.directory, stream + ".csv"), newline="", encoding="utf-8") as file:
                rows = list(csv.DictReader(file))
            problems.expect(len(rows) == count, f"{stream}: {count} records sent, {len(rows)} rows written")
            self.records.setdefault(stream, []).extend(rows)

    def rows(self, table):
        return [self.target.read(row) for row in last_of_each(table, self.records.get(table.name, []))]


class Postgres(Store):
    """A schema of a PostgreSQL database, which the environment variables of libpq name."""

    client, program = "postgres", "target-postgres"
    target = targets.Postgres()

    def __init__(self, directory):
        super().__init__(directory)
        self.schema = "accept_" + uuid.uuid4().hex
        host, user, database = (os.environ[name] for name in ("PGHOST", "PGUSER", "PGDATABASE"))
        self.settings = {
            "sqlalchemy_url": f"postgresql+psycopg://{user}@/{database}?host={host}",
            "default_target_schema": self.schema,
        }

    def query(self, sql):
        """Runs a statement. Returns the lines of its result."""
        line = [
            "psql",
            "-X",
            "-q",
            "-A",
            "-t",
            "-v",
            "ON_ERROR_STOP=1",
            "-c",
            "set timezone = 'UTC'",
            "-c",
            "set client_min_messages = warning",
            "-c",
            sql,
        ]
        return subprocess.run(line, stdout=subprocess.PIPE, check=True).stdout.splitlines()

    def rows(self, table):
        found = [
            values.loads(line) for line in self.query(f'select row_to_json(t) from "{self.schema}"."{table.name}" t')
        ]
        return [
            {
                name: self.target.stored_value(table.columns.get(name), value)
                for name, value in self.target.read(row).items()
            }
            for row in found
        ]

    def close(self):
        self.query(f'drop schema if exists "{self.schema}" cascade')


class PostgresHardDelete(Postgres):
    """The same with the setting hard_delete."""

    target = targets.PostgresHardDelete()

    def __init__(self, directory):
        super().__init__(directory)
        self.settings["hard_delete"] = True


def last_of_each(table, records):
    """Returns the last record of each key, or all records of a table without a key."""
    if not table.key:
        return records
    return list({tuple(record.get(name) for name in table.key): record for record in records}.values())


def write_settings(store, path):
    """Writes the configuration of a target to a file. Returns its path."""
    with open(path, "w", encoding="utf-8") as file:
        json.dump(store.settings, file)
    return path
