#!/usr/bin/env python3
"""Runs a connector and alters its output, to show that the tests can fail.

The environment variable MUTANT_PROGRAM names the program, and MUTATIONS the faults, separated by
commas. The program gets the name under which the mutant was started, so it acts as a source or as a
tap. Without arguments, it is not altered, because the tests take its answers over stdin as the
reference, unless its name begins with "hosted-".
"""

import json
import os
import signal
import subprocess
import sys


def is_record(message, stream):
    """Reports whether a message is a record of a stream."""
    if message["type"] != "RECORD":
        return False
    name = message.get("stream") or message["record"].get("stream")
    return stream in ([name] if name else table_of(message))


def row_of(message):
    """Returns the row of a record of any wire."""
    if "stream" in message:
        return message["record"]
    if "stream" in message["record"]:
        return message["record"]["data"]
    return next(iter(table_of(message).values()))


def table_of(message):
    """Returns the row of a record of the stdin wire by the name of its table."""
    return next(iter(message["record"].values()))


happened = set()  # the mutations that happen once and have happened
held = []  # messages that come late


def once(name):
    """Reports whether a mutation happens for the first time."""
    first = name not in happened
    happened.add(name)
    return first


# A mutation of messages returns the messages to write in place of one.


def digit(message, _command):
    """Changes the last digit of an integer that a float cannot hold."""
    if is_record(message, "orders") and len(row_of(message)) > 3 and once("digit"):
        row_of(message)["id"] -= 1
    return [message]


def rounded(message, _command):
    """Drops the last digit of a decimal."""
    if is_record(message, "orders") and row_of(message).get("total"):
        row_of(message)["total"] = row_of(message)["total"][:-1]
    return [message]


def escaped(message, _command):
    """Replaces characters that are not ASCII."""
    if is_record(message, "customers"):
        row_of(message)["name"] = row_of(message)["name"].encode("ascii", "replace").decode()
    return [message]


def number_for_text(message, _command):
    """Sends a number in a column of text."""
    if is_record(message, "customers") and once("number"):
        row_of(message)["name"] = 1
    return [message]


def lost_record(message, _command):
    """Loses a record."""
    return [] if is_record(message, "orders") and once("lost") else [message]


def lost_delete(message, _command):
    """Turns deletes into upserts."""
    if message["type"] == "RECORD":
        for mark in ("_ab_cdc_deleted_at", "_sdc_deleted_at"):
            row_of(message).pop(mark, None)
    return [message]


def old_cursor(message, _command):
    """Keeps the cursor of a stream from growing."""
    if message["type"] == "RECORD" and "_ab_cdc_cursor" in row_of(message):
        row_of(message)["_ab_cdc_cursor"] = 1
    return [message]


def shown_secret(message, _command):
    """Does not declare the secrets of the form as secrets."""
    if message["type"] == "SPEC":
        for field in message["spec"]["connectionSpecification"]["properties"].values():
            field.pop("airbyte_secret", None)
    return [message]


def good_key(message, _command):
    """Accepts every configuration."""
    if message["type"] == "CONNECTION_STATUS":
        message["connectionStatus"] = {"status": "SUCCEEDED"}
    return [message]


def closed_catalog(message, _command):
    """Forbids additional columns, which the CDK does not allow."""
    for stream in message.get("catalog", {}).get("streams", ()):
        stream["json_schema"]["additionalProperties"] = False
    return [message]


def two_specs(message, _command):
    """Sends the form twice."""
    return [message, message] if message["type"] == "SPEC" else [message]


def operation(message, _command):
    """Sends a member that no reader knows."""
    return [dict(message, op="DELETE") if message["type"] == "RECORD" else message]


def warning(message, _command):
    """Logs at a level that does not exist."""
    return [message] + (
        [{"type": "LOG", "log": {"level": "WARNING", "message": "m"}}] if message["type"] == "CATALOG" else []
    )


def wrong_count(message, _command):
    """Counts one record more than came."""
    if message["type"] == "STATE":
        message["state"]["sourceStats"]["recordCount"] += 1
    return [message]


def no_state(message, _command):
    """Sends no state of a stream."""
    is_state = message["type"] == "STATE" and message["state"]["stream"]["stream_descriptor"]["name"] == "orders"
    return [] if is_state else [message]


def global_state(message, _command):
    """Sends one state of all streams, which PyAirbyte does not keep."""
    if message["type"] == "STATE":
        message["state"] = {
            "type": "GLOBAL",
            "global": {"stream_states": [message["state"]["stream"]]},
            "sourceStats": message["state"]["sourceStats"],
        }
    return [message]


def same_state(message, _command):
    """Sends the same state again and again."""
    if message["type"] == "STATE":
        message["state"]["stream"]["stream_state"] = {"same": True}
    return [message]


def complete_early(message, _command):
    """Sends records after COMPLETE."""
    if message["type"] == "TRACE" and message["trace"].get("stream_status", {}).get("status") == "STARTED":
        done = json.loads(json.dumps(message))
        done["trace"]["stream_status"]["status"] = "COMPLETE"
        return [message, done]
    return [message]


def never_complete(message, _command):
    """Does not say that a stream is complete."""
    status = message.get("trace", {}).get("stream_status", {})
    return [] if status.get("status") == "COMPLETE" else [message]


def complete_always(message, _command):
    """Says that each stream is complete, and reports no error."""
    if message["type"] == "TRACE":
        if message["trace"]["type"] == "ERROR":
            return []
        status = message["trace"]["stream_status"]
        status["status"] = status["status"].replace("INCOMPLETE", "COMPLETE")
    return [message]


def no_child(message, command):
    """Does not read the child again if a state is given."""
    return [] if is_record(message, "order_items") and "--state" in command else [message]


def no_parent(message, command):
    """Does not read the parent again if a state is given."""
    return [] if is_record(message, "orders") and "--state" in command else [message]


def late_schema(message, _command):
    """Sends the schema of a stream after its first record."""
    if message["type"] == "SCHEMA" and message["stream"] == "orders":
        held.append(message)
        return []
    return [message, held.pop()] if held and is_record(message, "orders") else [message]


def object_only(message, _command):
    """Declares JSON as objects only."""
    if message["type"] == "SCHEMA" and "tags" in message["schema"]["properties"]:
        message["schema"]["properties"]["tags"] = {"type": ["null", "object"]}
    return [message]


def empty_state(message, _command):
    """Sends an empty state."""
    return [dict(message, value={}) if message["type"] == "STATE" else message]


# A mutation of the command line returns the one to use.


def ignores_state(command):
    """Starts each sync from the beginning."""
    return without(command, "--state")


def ignores_catalog(command):
    """Delivers what is deselected."""
    return without(command, "--catalog")


def without(command, flag):
    """Removes a flag and its value."""
    if flag not in command:
        return command
    at = command.index(flag)
    return command[:at] + command[at + 2 :]


MESSAGES = [
    digit,
    rounded,
    escaped,
    number_for_text,
    lost_record,
    lost_delete,
    old_cursor,
    shown_secret,
    good_key,
    closed_catalog,
    two_specs,
    operation,
    warning,
    wrong_count,
    no_state,
    global_state,
    same_state,
    complete_early,
    never_complete,
    complete_always,
    no_child,
    no_parent,
    late_schema,
    object_only,
    empty_state,
]
COMMANDS = [ignores_state, ignores_catalog]


def main():
    program, command = os.environ["MUTANT_PROGRAM"], sys.argv[1:]
    if not command and not os.path.basename(sys.argv[0]).startswith("hosted-"):
        os.execv(program, [program])
    names = [name for name in os.environ["MUTATIONS"].split(",") if name]
    by_name = {mutation.__name__: mutation for mutation in MESSAGES + COMMANDS}
    unknown = set(names) - by_name.keys() - {"deaf", "status"}
    if unknown:
        sys.exit(f"no such mutation: {unknown}")
    if "deaf" in names:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    mutations = [by_name[name] for name in names if name in by_name]
    for mutation in mutations:
        if mutation in COMMANDS:
            command = mutation(command)
    with subprocess.Popen([sys.argv[0], *command], executable=program, stdout=subprocess.PIPE) as process:
        for line in process.stdout:
            for altered in altered_lines(line, [m for m in mutations if m in MESSAGES], command):
                sys.stdout.buffer.write(altered)
    sys.stdout.flush()
    sys.exit(0 if "status" in names else abs(process.returncode))


def altered_lines(line, mutations, command):
    """Returns the lines to write in place of a line. A line that no mutation changes keeps its bytes."""
    if not line.startswith(b'{"type"'):
        return [line]  # a document, such as the catalog of a tap
    original = json.loads(line)
    messages = [json.loads(line)]
    for mutation in mutations:
        messages = [changed for message in messages for changed in mutation(message, command)]
    return [line if message == original else json.dumps(message).encode() + b"\n" for message in messages]


main()
