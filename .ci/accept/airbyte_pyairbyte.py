"""Reads a source twice with PyAirbyte into DuckDB and compares the tables with those of the stdin wire.

The second read, of another configuration, must take only what the state leaves, as many records as
over the stdin wire. Tables without a key are read with the write strategy "append", because PyAirbyte
otherwise replaces them by the rows of the last read. Needs the packages of the client airbyte.

    airbyte_pyairbyte.py EXE CONFIG NEXT        NEXT is the configuration of the source after changes
"""

import json
import os
import warnings

from kit import report, stdin_wire, tables, targets

work = report.directory()
os.environ.update(DO_NOT_TRACK="1", AIRBYTE_OFFLINE_MODE="1", AIRBYTE_LOGGING_ROOT=work)

import airbyte  # after its environment variables have been set
from airbyte.caches import DuckDBCache


def rows_of(connection, schema, table, target):
    """Returns the rows of a table in DuckDB, by the names that the connector gives to the columns."""
    cursor = connection.execute(f'select * from "{schema}"."{table.name}"')
    names = [column[0] for column in cursor.description]
    found = []
    for values in cursor.fetchall():
        row = target.read(dict(zip(names, values)))
        found.append({name: target.stored_value(table.columns.get(name), value) for name, value in row.items()})
    return found


def main():
    parser = report.parser(__doc__)
    parser.add_argument("exe")
    parser.add_argument("config")
    parser.add_argument("next")
    options = parser.parse_args()
    result = report.Report()
    exe, configs = os.path.abspath(options.exe), [options.config, options.next]
    want, syncs = stdin_wire.history(exe, configs)
    cache = DuckDBCache(db_path=os.path.join(work, "cache.duckdb"), cache_dir=work)
    for number, (config, operations) in enumerate(zip(configs, syncs), 1):
        with open(config, encoding="utf-8") as file:
            source = airbyte.get_source(os.path.basename(exe), local_executable=exe, config=json.load(file))
        source.check()
        got = 0
        for strategy in ("merge", "append"):
            streams = [table.name for table in want.values() if bool(table.key) == (strategy == "merge")]
            if streams:
                source.select_streams(streams)
                got += source.read(cache=cache, write_strategy=strategy).processed_records
        expected = sum(operation.kind != "truncate" for operation in operations)
        print(f"read {number}: {got} records")
        result.expect(got == expected, f"read {number}: {got} records, want {expected}")
    with cache.get_sql_engine().connect() as engine:
        connection = engine.connection.driver_connection
        try:
            states = connection.execute(f'select count(*) from "{cache.schema_name}"._airbyte_state').fetchone()[0]
        except Exception as error:
            states = result.problem(f"PyAirbyte has no table of states: {error}")
        result.expect(states == len(want), f"PyAirbyte keeps {states} states, want one for each of {len(want)} streams")
        for table in want.values():
            target = targets.DuckDB() if table.key else targets.AppendOnly()
            tables.compare(result, "PyAirbyte", table, target, rows_of(connection, cache.schema_name, table, target))
    result.finish()


warnings.simplefilter("ignore")
main()
