"""Runs a connector as an Airbyte source."""

import json
import os
import subprocess

from . import report, values
from .tables import Operation

MARK = "_ab_cdc_deleted_at"


def run(exe, *args):
    """Runs a command. Returns the exit status, the messages and the text of standard error."""
    done = subprocess.run([exe, *args], capture_output=True, timeout=300, check=False)
    return (
        done.returncode,
        [json.loads(line) for line in done.stdout.splitlines()],
        done.stderr.decode(errors="replace"),
    )


def discover(exe, config):
    """Returns the streams of the catalog. Raises an error if there is not exactly one catalog."""
    status, messages, errors = run(exe, "discover", "--config", config)
    catalogs = [message["catalog"] for message in messages if message["type"] == "CATALOG"]
    if status or len(catalogs) != 1:
        raise RuntimeError(f"discover ended with status {status} and {len(catalogs)} catalogs: {errors[-1000:]}")
    return catalogs[0]["streams"]


def configured(streams, only=None):
    """Returns the configured catalog of the streams, or of those whose names are in only."""
    return {
        "streams": [
            {
                "stream": stream,
                "sync_mode": "incremental",
                "destination_sync_mode": "append_dedup",
                "primary_key": stream.get("source_defined_primary_key"),
                "cursor_field": stream.get("default_cursor_field"),
                "generation_id": 1,
                "minimum_generation_id": 0,
                "sync_id": 7,
            }
            for stream in streams
            if only is None or stream["name"] in only
        ]
    }


def command(work, exe, config, streams, states=None):
    """Returns the command line of a read. It writes the catalog and the states into the directory work."""
    catalog = report.save(os.path.join(work, "catalog.json"), json.dumps(configured(streams)))
    line = [exe, "read", "--config", config, "--catalog", catalog]
    if states is not None:
        line += ["--state", report.save(os.path.join(work, "states.json"), json.dumps(states))]
    return line


def stream_of(state):
    """Returns the name of the stream that a state belongs to, or "" for the state of all."""
    return state["stream"]["stream_descriptor"]["name"] if state["type"] == "STREAM" else ""


def last_states(messages):
    """Returns the states for the next read: the last one of all streams, or the last one of each stream."""
    states = {stream_of(message["state"]): message["state"] for message in messages if message["type"] == "STATE"}
    return [states[""]] if "" in states else list(states.values())


def statuses(messages):
    """Returns the statuses of each stream, in order."""
    found = {}
    for message in messages:
        if message["type"] == "TRACE" and message["trace"]["type"] == "STREAM_STATUS":
            status = message["trace"]["stream_status"]
            found.setdefault(status["stream_descriptor"]["name"], []).append(status["status"])
    return found


def operations(output, keys):
    """Returns the operations that the lines of a read stand for. The argument keys has the key of each stream."""
    found = []
    for line in output.splitlines():
        message = values.loads(line)
        if message["type"] != "RECORD":
            continue
        name, data = message["record"]["stream"], message["record"]["data"]
        row = {column: value for column, value in data.items() if not column.startswith("_ab_cdc_")}
        deleted = data.get(MARK) is not None
        found.append(
            Operation("delete" if deleted else "upsert", name, {k: row[k] for k in keys[name]} if deleted else row)
        )
    return found
