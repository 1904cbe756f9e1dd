"""Checks the messages of spec, check, discover and read with Airbyte's own models and rules.

Both packages of models must accept each line. The spec and the catalog must pass the rules of the
CDK, and each record must fit its schema. A read must announce the streams, enclose their records
in STARTED and COMPLETE, cover each record by a state, and count the records in its states. The test
reads twice, the second time from the states of the first read. Needs the packages of the client cdk.

    airbyte_messages.py EXE CONFIG [--bad CONFIG]
"""

import json
import subprocess
from collections import Counter

from airbyte_cdk.models import (
    AirbyteMessageSerializer,
    ConfiguredAirbyteCatalogSerializer,
)
from airbyte_cdk.test.standard_tests._catalog_checks import (
    find_catalog_problems,
    format_catalog_problems,
)
from airbyte_cdk.test.standard_tests._read_assertions import assert_read_records
from airbyte_cdk.test.standard_tests._spec_lint import find_secret_marking_errors
from airbyte_protocol.models import AirbyteMessage

from kit import airbyte_wire, report

result = report.Report()


def run(exe, *args):
    """Runs a command. Returns the exit status, its messages, the same as objects of the CDK, and its errors."""
    done = subprocess.run([exe, *args], capture_output=True, text=True, check=False)
    messages, models = [], []
    for line in done.stdout.splitlines():
        try:
            message = json.loads(line)
            AirbyteMessage.model_validate_json(line)
            models.append(AirbyteMessageSerializer.load(message))
        except Exception as error:  # each package of models has errors of its own
            result.problem(f"{args[0]}: {line[:300]}: {error}")
            continue
        messages.append(message)
        unknown = message.keys() - AirbyteMessage.model_fields.keys()
        result.expect(not unknown, f"{args[0]}: members that no reader knows: {sorted(unknown)}")
    return done.returncode, messages, models, done.stderr[-500:]


def spec(exe):
    """Checks the command spec."""
    status, messages, models, errors = run(exe, "spec")
    types = [message["type"] for message in messages]
    if result.expect(status == 0 and types == ["SPEC"], f"spec: status {status}, messages {types}: {errors}"):
        for error in find_secret_marking_errors(models[0].spec.connectionSpecification) or []:
            result.problem(f"spec: {error}")


def check(exe, config, want):
    """Checks the command check, which must answer with the status want."""
    status, messages, _, errors = run(exe, "check", "--config", config)
    got = [message["connectionStatus"] for message in messages if message["type"] == "CONNECTION_STATUS"]
    answered = status == 0 and [answer["status"] for answer in got] == [want]
    if (
        result.expect(answered, f"check: want {want} and status 0, got status {status} and {got}: {errors}")
        and want == "FAILED"
    ):
        print("check failed as it should:", got[0].get("message"))
        result.expect(got[0].get("message"), "check: FAILED without a message")


def discover(exe, config):
    """Checks the command discover. Returns the streams."""
    status, messages, models, errors = run(exe, "discover", "--config", config)
    catalogs = [
        (message["catalog"], model.catalog) for message, model in zip(messages, models) if message["type"] == "CATALOG"
    ]
    if not result.expect(
        status == 0 and len(catalogs) == 1, f"discover: status {status}, {len(catalogs)} catalogs: {errors}"
    ):
        result.finish()
    problems = find_catalog_problems(catalogs[0][1])
    result.expect(not problems, "catalog: " + format_catalog_problems(problems) if problems else "")
    return catalogs[0][0]["streams"]


class Read:
    """The course of a read."""

    def __init__(self):
        self.records, self.since = Counter(), Counter()  # in all, and since the last state
        self.started, self.ended, self.covered = set(), set(), set()

    def see(self, message):
        """Checks one message against those before it."""
        if message["type"] == "RECORD":
            name = message["record"]["stream"]
            self.records[name] += 1
            self.since[name] += 1
            result.expect(name in self.started - self.ended, f"read: a record of {name} outside STARTED and COMPLETE")
        elif message["type"] == "STATE":
            self.see_state(message["state"])
        elif message["type"] == "TRACE" and message["trace"]["type"] == "STREAM_STATUS":
            status = message["trace"]["stream_status"]
            name = status["stream_descriptor"]["name"]
            if status["status"] == "STARTED":
                self.started.add(name)
            elif status["status"] in ("COMPLETE", "INCOMPLETE"):
                self.ended.add(name)
        elif message["type"] in ("TRACE", "LOG"):
            print(json.dumps(message, ensure_ascii=False))

    def see_state(self, state):
        """Checks a state."""
        name = airbyte_wire.stream_of(state)
        if name:
            want = self.since.pop(name, 0)
            self.covered.add(name)
            result.expect(name not in self.ended, f"read: a state of {name} after its COMPLETE")
        else:
            want = self.since.total()
            self.since.clear()
            self.covered |= self.started
        got = state.get("sourceStats", {}).get("recordCount")
        result.expect(got == want, f"read: a state of {name or 'all streams'} counts {got} records, {want} came")

    def end(self, messages, names):
        """Checks that the read has sent everything that it must send."""
        statuses = airbyte_wire.statuses(messages)
        for name in names:
            got = statuses.get(name, [])
            result.expect(name in self.covered, f"read: {name} has no state")
            result.expect(got[:1] == ["STARTED"] and got[-1:] == ["COMPLETE"], f"read: {name} has the statuses {got}")
        uncovered = {name: count for name, count in self.since.items() if count}
        result.expect(not uncovered, f"read: records that no state covers: {uncovered}")


def read(exe, config, streams, states):
    """Checks the command read. Returns the last states."""
    work = report.directory()
    status, messages, models, errors = run(*airbyte_wire.command(work, exe, config, streams, states))
    result.expect(status == 0, f"read: status {status}: {errors}")
    course = Read()
    for message in messages:
        course.see(message)
    course.end(messages, [stream["name"] for stream in streams])
    try:
        assert_read_records(
            records=[model for model in models if model.record],
            configured_catalog=ConfiguredAirbyteCatalogSerializer.load(airbyte_wire.configured(streams)),
            require_records_per_stream=states is None,
            validate_schema=True,
        )
    except AssertionError as error:
        result.problem(f"read: {str(error)[:700]}")
    print("records:", dict(course.records))
    return airbyte_wire.last_states(messages)


def main():
    parser = report.parser(__doc__)
    parser.add_argument("exe")
    parser.add_argument("config")
    parser.add_argument("--bad", help="a configuration that check must refuse")
    options = parser.parse_args()
    spec(options.exe)
    check(options.exe, options.config, "SUCCEEDED")
    if options.bad:
        check(options.exe, options.bad, "FAILED")
    streams = discover(options.exe, options.config)
    states = read(options.exe, options.config, streams, None)
    read(options.exe, options.config, streams, states)
    result.finish()


main()
