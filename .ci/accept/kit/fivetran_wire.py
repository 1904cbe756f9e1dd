"""Talks to a source that serves Fivetran's gRPC service. Needs the packages of the client fivetran."""

import base64
import contextlib
import json
import os
import shlex
import signal
import subprocess
import time
from decimal import Decimal

import grpc
from fivetran_connector_sdk.protos import common_pb2 as common
from fivetran_connector_sdk.protos import connector_sdk_pb2 as messages
from fivetran_connector_sdk.protos import connector_sdk_pb2_grpc as service

from . import values
from .tables import Operation, Table

MOST_RECORDS = 100  # in one message
LARGEST_MESSAGE = 128 << 20
KINDS = {"SHORT": "short", "INT": "int", "LONG": "long", "BOOLEAN": "bool"}  # else the type in lower case


def flat(path):
    """Returns the configuration in a file as the service takes it: all values are texts."""
    with open(path, encoding="utf-8") as file:
        return {k: v if isinstance(v, str) else json.dumps(v) for k, v in json.load(file).items()}


@contextlib.contextmanager
def serving(command, port, log, problems):
    """Runs a server, a command line that listens on the port, and yields it and a Source. Its output goes to a file."""
    with open(log, "ab") as file:
        server = subprocess.Popen(shlex.split(command), stdout=file, stderr=file)
        channel = grpc.insecure_channel(
            f"127.0.0.1:{port}", options=[("grpc.max_receive_message_length", LARGEST_MESSAGE)]
        )
        try:
            grpc.channel_ready_future(channel).result(timeout=60)
            yield server, Source(channel)
        finally:
            channel.close()
            if server.poll() is None:
                server.send_signal(signal.SIGTERM)
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
                problems.problem("the server had not ended 20 seconds after SIGTERM")


def status(error):
    """Returns the code and the text of an error of the service."""
    return error.code().name, error.details() or ""


class Source:
    """A source behind a channel."""

    def __init__(self, channel):
        self.stub = service.SourceConnectorStub(channel)

    def form(self):
        """Returns the form."""
        return self.stub.ConfigurationForm(common.ConfigurationFormRequest(), timeout=60)

    def test(self, name, configuration):
        """Runs a test of the form. Returns None if it succeeds, else the reason."""
        answer = self.stub.Test(common.TestRequest(name=name, configuration=configuration), timeout=120)
        return None if answer.WhichOneof("response") == "success" and answer.success else answer.failure

    def tables(self, configuration):
        """Returns the tables without rows by schema and name, and the precision and scale of DECIMAL columns.

        The schema is "" if the source has but one.
        """
        answer = self.stub.Schema(messages.SchemaRequest(configuration=configuration), timeout=120)
        if answer.WhichOneof("response") == "without_schema":
            groups = [("", answer.without_schema.tables)]
        else:
            groups = [(one.name, one.tables) for one in answer.with_schema.schemas]
        found, decimals = {}, {}
        for schema, inside in groups:
            for table in inside:
                columns = {column.name: common.DataType.Name(column.type) for column in table.columns}
                key = [column.name for column in table.columns if column.primary_key]
                found[schema, table.name] = Table(table.name, columns, key)
                for column in table.columns:
                    if column.HasField("params"):
                        decimal = column.params.decimal
                        decimals[table.name, column.name] = (decimal.precision, decimal.scale)
        return found, decimals

    def update(self, configuration, state, selection=None):
        """Starts a sync. Returns the call, which is an iterator of messages."""
        request = messages.UpdateRequest(configuration=configuration, state_json=state)
        if selection is not None:
            request.selection.CopyFrom(selection)
        return self.stub.Update(request, timeout=300)


class Sync:
    """The messages of one sync. Faults of the messages are reported as problems."""

    def __init__(self, tables, state, problems, what):
        self.tables, self.state, self.problems, self.what = tables, state, problems, what
        self.operations, self.warnings, self.tasks = [], [], []
        self.checkpoints = self.records = self.open = 0  # open records are those after the last checkpoint
        self.covered = 0  # the number of operations before the last checkpoint
        self.error = None  # code and text

    def run(self, call, after=None):
        """Reads a sync to its end. The function after is called once, after the first checkpoint."""
        start = time.monotonic()
        try:
            for message in call:
                self.take(message)
                if after is not None and self.checkpoints:
                    after()
                    after = None
        except grpc.RpcError as error:
            self.error = status(error)
        took = time.monotonic() - start
        failure = self.error[1].partition("\n")[0] if self.error else ""
        print(f"{self.what}: {self.records} records, {self.checkpoints} checkpoints, {took:.1f} s {failure}")
        if self.error is None:
            self.problems.expect(not self.open, f"{self.what}: {self.open} records after the last checkpoint")
        return self

    def take(self, message):
        """Takes one message."""
        kind = message.WhichOneof("operation")
        if kind == "checkpoint":
            self.state, self.checkpoints, self.open = message.checkpoint.state_json, self.checkpoints + 1, 0
            self.covered = len(self.operations)
            self.problems.expect(isinstance(json.loads(self.state), dict), f"{self.what}: the state is {self.state}")
        elif kind == "warning":
            self.warnings.append(said(message.warning.message))
        elif kind == "task":
            self.tasks.append(said(message.task.message))
        elif kind == "structured_record":
            self.record(message.structured_record)
        elif kind == "structured_records":
            count = len(message.structured_records.structured_records)
            self.problems.expect(count <= MOST_RECORDS, f"{self.what}: {count} records in one message")
            for record in message.structured_records.structured_records:
                self.record(record)
        elif kind == "truncate":
            self.operations.append(Operation("truncate", message.truncate.table_name, {}))
        else:
            self.problems.problem(f"{self.what}: a message of kind {kind}")

    def record(self, record):
        """Takes one record."""
        kind, name = common.RecordType.Name(record.type).lower(), record.table_name
        self.records, self.open = self.records + 1, self.open + 1
        table = self.tables.get((record.schema_name, name))
        if not self.problems.expect(table, f"{self.what}: a record of {record.schema_name}.{name}, which is no table"):
            return
        row = {}
        for column, value in record.data.items():
            declared, came = table.columns.get(column), value.WhichOneof("inner")
            if declared and came not in (None, "null") and came != KINDS.get(declared, declared.lower()):
                self.problems.problem(f"{self.what}: {name}.{column} is {declared} and came as {came}")
            row[column] = plain(value)
        for column in table.key if kind != "truncate" else ():
            present = row.get(column) is not None
            self.problems.expect(present, f"{self.what}: {name} {kind} without its key {column}")
            if not present:
                return
        self.operations.append(Operation(kind, name, row))


def said(text):
    """Returns the text of a warning or a task. The Python SDK sends JSON."""
    try:
        return json.loads(text)["message"]
    except (KeyError, TypeError, ValueError):
        return text


def plain(value):
    """Returns a value as targets.Fivetran promises it."""
    kind = value.WhichOneof("inner")
    if kind in (None, "null"):
        return None
    inner = getattr(value, kind)
    if kind == "utc_datetime":
        return inner.ToJsonString()
    if kind == "naive_datetime":
        return inner.ToJsonString().rstrip("Z")
    if kind == "naive_date":
        return inner.ToJsonString().removesuffix("T00:00:00Z")
    if kind == "binary":
        return base64.b64encode(inner).decode()
    return values.loads(inner, Decimal) if kind == "json" else inner


def programs(server):
    """Returns the processes that a server has started."""
    found = []
    for entry in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError), open(f"/proc/{entry}/stat", encoding="utf-8", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
            if int(fields[1]) == server.pid and fields[0] != "Z":
                found.append(int(entry))
    return found
