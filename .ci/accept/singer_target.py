"""Pipes two syncs of a tap into a target and compares what it stored with the tables of the stdin wire.

The target must accept all messages, return the last state of the tap and store each record.

    singer_target.py TARGET EXE CONFIG NEXT --clients DIRECTORY

TARGET is jsonl, csv, postgres or postgres-hard-delete. NEXT is the configuration of the source after
changes. For postgres, the environment variables PGHOST (a directory that has a socket), PGUSER and
PGDATABASE name the database, and psql must be installed.
"""

import json
import os
import subprocess

from kit import report, singer_wire, stdin_wire, stores, tables

STORES = {
    "jsonl": stores.JSONLines,
    "csv": stores.CSV,
    "postgres": stores.Postgres,
    "postgres-hard-delete": stores.PostgresHardDelete,
}


def load(result, program, settings, path, state):
    """Pipes the messages in a file into a target, which must end with the given state."""
    with open(path, "rb") as file:
        done = subprocess.run([program, "--config", settings], stdin=file, capture_output=True, text=True, check=False)
    result.expect(done.returncode == 0, f"the target ended with status {done.returncode}: {done.stderr[-1000:]}")
    states = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    result.expect(
        states and states[-1] == state, f"the last state of the target is {states[-1:]}, that of the tap {state}"
    )
    return done.returncode == 0


def main():
    parser = report.parser(__doc__)
    parser.add_argument("target", choices=STORES)
    parser.add_argument("exe")
    parser.add_argument("config")
    parser.add_argument("next")
    parser.add_argument("--clients", required=True, help="the directory given to setup")
    options = parser.parse_args()
    result, work = report.Report(), report.directory()
    store = STORES[options.target](os.path.join(work, "rows"))
    os.mkdir(store.directory)
    program = os.path.join(os.path.abspath(options.clients), store.client, "bin", store.program)
    settings = stores.write_settings(store, os.path.join(work, "settings.json"))
    configs, state, path = [options.config, options.next], None, os.path.join(work, "messages")
    want, syncs = stdin_wire.history(options.exe, configs)
    for number, (config, operations) in enumerate(zip(configs, syncs), 1):
        state = singer_wire.run(result, options.exe, config, path, state)
        counts = singer_wire.counts(path)
        expected = sum(operation.kind != "truncate" for operation in operations)
        print(f"sync {number}: {sum(counts.values())} records")
        result.expect(
            sum(counts.values()) == expected, f"sync {number}: {sum(counts.values())} records, want {expected}"
        )
        if not load(result, program, settings, path, state):
            result.finish()
        store.end_sync(result, counts)
    for table in want.values():
        tables.compare(result, options.target, table, store.target, store.rows(table))
    store.close()
    result.finish()


main()
