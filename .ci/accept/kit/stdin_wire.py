"""Runs a connector over the stdin wire, which the tests take as the reference."""

import json
import subprocess

from . import values
from .tables import Operation, Table, apply


def request(program, config, **members):
    """Answers a request. Returns the lines, decoded. Raises an error if the program fails."""
    with open(config, encoding="utf-8") as file:
        text = json.dumps({"secrets": json.load(file), **members})
    done = subprocess.run([program], input=text.encode(), capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(
            f"{program} answered a request with status {done.returncode}: {done.stderr.decode()[-1000:]}"
        )
    return [values.loads(line) for line in done.stdout.splitlines()]


def tables(program, config):
    """Returns the tables of a connector with one schema, without rows, by name."""
    (schema,) = request(program, config, selection={"action": "schema"})[0]["schemas"].values()
    found = {}
    for name, table in schema["tables"].items():
        columns = table["columns"]
        key = [column for column in columns if columns[column].get("primary_key")]
        found[name] = Table(name, {column: columns[column]["type"] for column in columns}, key)
    return found


def sync(program, config, state=None):
    """Runs a sync. Returns its operations and its last state."""
    found = []
    for line in request(program, config, state=state):
        if line["type"] == "STATE":
            state = values.convert(line["state"], float)
        elif line["type"] == "RECORD":
            (by_table,) = line["record"].values()
            ((name, row),) = by_table.items()
            found.append(Operation(line.get("op", "UPSERT").lower(), name, row))
    return found, state


def history(program, configs):
    """Runs a sync per configuration, each from the state of the previous one.

    Returns the tables at the end, and the operations of each sync, with whole rows.
    """
    result, syncs, state = tables(program, configs[0]), [], None
    for config in configs:
        operations, state = sync(program, config, state)
        syncs.append(apply(result, operations))
    return result, syncs
