"""Runs a connector as a Singer tap."""

import json
import subprocess

from . import report, values
from .tables import Operation

MARK = "_sdc_deleted_at"


def sync(exe, config, path, state=None, catalog=None):
    """Runs a sync and writes its messages to the file path. Returns the exit status and the text of standard error."""
    line = [exe, "--config", config]
    if state is not None:
        line += ["--state", report.save(path + ".state", json.dumps(state))]
    if catalog is not None:
        line += ["--catalog", catalog]
    with open(path, "wb") as file:
        done = subprocess.run(line, stdout=file, stderr=subprocess.PIPE, check=False)
    return done.returncode, done.stderr.decode(errors="replace")


def messages(path, number=values.Digits):
    """Yields the messages in a file."""
    with open(path, "rb") as file:  # text files end lines at more characters than JSON does
        for line in file:
            yield values.loads(line, number)


def last_state(path):
    """Returns the last state in a file, or None."""
    state = None
    for message in messages(path, float):
        if message["type"] == "STATE":
            state = message["value"]
    return state


def operations(path, keys):
    """Returns the operations that the messages in a file stand for. The argument keys has the key of each stream."""
    found = []
    for message in messages(path):
        if message["type"] == "ACTIVATE_VERSION":
            found.append(Operation("truncate", message["stream"], {}))
        elif message["type"] == "RECORD":
            name, record = message["stream"], message["record"]
            row = {column: value for column, value in record.items() if not column.startswith("_sdc_")}
            deleted = record.get(MARK) is not None
            found.append(
                Operation("delete" if deleted else "upsert", name, {k: row[k] for k in keys[name]} if deleted else row)
            )
    return found


def counts(path):
    """Returns the number of records of each stream in a file."""
    found = {}
    for message in messages(path):
        if message["type"] == "RECORD":
            found[message["stream"]] = found.get(message["stream"], 0) + 1
    return found


def run(problems, exe, config, path, state=None):
    """Runs a sync like sync, and reports faults that no target checks for. Returns the last state."""
    status, errors = sync(exe, config, path, state)
    problems.expect(status == 0, f"the tap ended with status {status}: {errors[-500:]}")
    declared = set()
    for message in messages(path):
        if message["type"] == "SCHEMA":
            declared.add(message["stream"])
        elif message["type"] == "RECORD" and message["stream"] not in declared:
            problems.problem(f"the tap sent a RECORD of {message['stream']} before its SCHEMA")
            declared.add(message["stream"])
        elif message["type"] == "STATE":
            problems.expect(message["value"], "the tap sent an empty STATE")
    state = last_state(path)
    problems.expect(state is not None, "the tap sent no STATE")
    return state
