"""Runs a source of Fivetran's gRPC service through its form, its tests, its schema and its syncs.

    fivetran_client.py all|form|schema|sync CONFIG --start COMMAND ...

COMMAND starts the server. The word PORT in it is replaced by the port. The part all runs everything: the
form has a test that accepts CONFIG and refuses BAD with a reason. Each record belongs to a table of the
schema, has its key, and has values of the types that the schema declares. After a sync of CONFIG and one of
NEXT, each from the last checkpoint, the tables are those of the stdin wire. A sync without a configuration and
one of BAD fail. The server survives a client that goes away. SIGTERM ends it. Needs the packages of the client
fivetran.
"""

import contextlib
import json
import os
import shlex

import grpc
from fivetran_connector_sdk.protos import connector_sdk_pb2 as messages
from google.protobuf import json_format
from kit import fivetran_wire, report, stdin_wire, tables, targets
from kit.ports import free_port

result, work = report.Report(), report.directory()


class Client:
    """Runs a server and asks it. With the option fresh, each sync has a server of its own."""

    def __init__(self, options):
        self.options, self.log = options, options.log or os.path.join(work, "log")
        self.port = options.port or free_port()
        self.config = fivetran_wire.flat(options.config)

    def serving(self):
        """Starts the server."""
        words = [str(self.port) if word == "PORT" else word for word in shlex.split(self.options.start)]
        return fivetran_wire.serving(shlex.join(words), self.port, self.log, result)

    @contextlib.contextmanager
    def servers(self):
        """Yields a function that returns the context of a server and its Source."""
        if self.options.fresh:
            yield self.serving
            return
        with self.serving() as server:
            yield lambda: contextlib.nullcontext(server)

    def form(self, source):
        """Checks the form and its tests."""
        form = source.form()
        for field in form.fields:
            print(f"field {field.name}: {field.WhichOneof('type')}{', required' if field.required else ''}")
        result.expect(form.tests, "the form has no test")
        names = [field.name for field in form.fields]
        result.expect(sorted(names) == sorted(set(names)), f"a field occurs twice: {names}")
        missing = self.config.keys() - set(names)
        result.expect(not missing, f"the form has no field {sorted(missing)}, which the configuration has")
        for test in form.tests:
            reason = source.test(test.name, self.config)
            result.expect(reason is None, f"the test {test.name} failed: {reason}")
            if self.options.bad:
                reason = source.test(test.name, fivetran_wire.flat(self.options.bad))
                print(f"the test with a bad configuration: {reason}")
                result.expect(reason, "the test accepted a bad configuration, or gave no reason")

    def schema(self, source):
        """Compares the schema with that of the stdin wire."""
        found, decimals = source.tables(self.config)
        for (schema, _), table in found.items():
            print(f"table {schema}.{table.name}: key {table.key}, {table.columns}")
        if self.options.program:
            want = stdin_wire.tables(self.options.program, self.options.config)
            got = {name: (table.columns, table.key) for (_, name), table in found.items()}
            for name, table in want.items():
                result.expect(
                    got.pop(name, None) == (table.columns, table.key), f"the schema has another table {name}, or none"
                )
            result.expect(not got, f"the schema has tables that the stdin wire does not have: {sorted(got)}")
        for name, table in ((table.name, table) for table in found.values()):
            for column, kind in table.columns.items():
                if kind == "DECIMAL" and self.options.decimal:
                    want = tuple(map(int, self.options.decimal.split(",")))
                    has = decimals.get((name, column))
                    result.expect(has == want, f"{name}.{column} is DECIMAL{has}, want DECIMAL{want}")
        return found

    def sync(self, source, config, state, what):
        """Runs one sync from a state."""
        selection = None
        if self.options.selection:
            with open(self.options.selection, encoding="utf-8") as file:
                selection = json_format.Parse(file.read(), messages.Selection())
        configuration = fivetran_wire.flat(config)
        found, _ = source.tables(configuration)
        sync = fivetran_wire.Sync(found, state, result, what)
        return sync.run(source.update(configuration, state, selection))

    def syncs(self, serve):
        """Runs a sync of each configuration and compares the tables. Returns the tables and the last state."""
        configs = [self.options.config] + [self.options.next or self.options.config] * (self.options.what == "all")
        state, replica, warnings, counts = self.state(), {}, [], []
        for number, config in enumerate(configs, 1):
            with serve() as (_, source):
                sync = self.sync(source, config, state, f"sync {number}")
            result.expect(sync.error is None, f"sync {number} failed: {sync.error}")
            if not replica:
                replica = {name: table for (_, name), table in sync.tables.items()}
            tables.apply(replica, sync.operations)
            state, warnings = sync.state, warnings + sync.warnings
            counts.append(sync.operations)
            result.expect(not sync.tasks, f"sync {number} has tasks: {sync.tasks}")
        if self.options.program and self.options.what == "all":
            self.compare(configs, replica, counts)
        self.check_warnings(warnings)
        return replica, state

    def compare(self, configs, replica, syncs):
        """Compares the tables and the numbers of operations with those of the stdin wire."""
        want, expected = stdin_wire.history(self.options.program, configs)
        for number, (a, b) in enumerate(zip(expected, syncs), 1):
            result.expect(len(a) == len(b), f"sync {number}: expected {len(a)} operations, got {len(b)}")
        target = targets.Fivetran(self.options.digits)
        for name, table in want.items():
            rows = list(replica[name].rows.values()) if name in replica else []
            tables.compare(result, "the service", table, target, rows)

    def check_warnings(self, warnings):
        """Checks that there is one warning for each text that the command line expects, and no other."""
        expected = list(self.options.warning)
        for warning in warnings:
            print("warning:", warning)
            text = next((text for text in expected if text in warning), None)
            if result.expect(text is not None, f"an unexpected warning: {warning}"):
                expected.remove(text)
        result.expect(not expected, f"no warning says {expected}")

    def state(self):
        """Returns the state to start from."""
        if self.options.state and os.path.exists(self.options.state):
            with open(self.options.state, encoding="utf-8") as file:
                return file.read()
        return "{}"

    def refused(self, serve, configuration, what):
        """Checks that a sync of a configuration fails with a reason."""
        with serve() as (_, source):
            sync = fivetran_wire.Sync({}, "{}", result, what).run(source.update(configuration, "{}"))
        reasons = sync.tasks + ([sync.error[1]] if sync.error else [])
        result.expect(any(reasons), f"{what} succeeded, or gave no reason")

    def goes_away(self, source):
        """Ends a sync from the client's side. The server must go on answering."""
        call = source.update(self.config, "{}")
        next(call)
        call.cancel()
        result.expect(source.tables(self.config)[0], "after a client that went away, there is no schema")


def dump(path, replica):
    """Writes the rows of tables to a file, sorted."""
    with open(path, "w", encoding="utf-8") as file:
        for name, table in sorted(replica.items()):
            for row in sorted(json.dumps(row, sort_keys=True, default=str) for row in table.rows.values()):
                print(name, row, sep="\t", file=file)


def arguments():
    """Returns the options of the command line."""
    parser = report.parser(__doc__)
    parser.add_argument("what", choices=("all", "form", "schema", "sync"))
    parser.add_argument("config")
    parser.add_argument("--start", required=True, help="the command line of the server")
    parser.add_argument("--port", type=int, help="the default is a free one")
    parser.add_argument("--fresh", action="store_true", help="start the server anew for each sync")
    parser.add_argument("--next", help="the configuration of the second sync")
    parser.add_argument("--bad", help="a configuration that the test must refuse")
    parser.add_argument("--program", type=os.path.abspath, help="the connector, to compare with over stdin")
    parser.add_argument("--digits", type=int, default=9, help="of the fraction of a second that the source keeps")
    parser.add_argument("--decimal", help="the precision and scale that each DECIMAL column must have, such as 38,10")
    parser.add_argument("--warning", action="append", default=[], help="a text of an expected warning")
    parser.add_argument("--selection", help="a file with a Selection in JSON")
    parser.add_argument("--state", help="a file with the state, which is replaced by the last checkpoint")
    parser.add_argument("--dump", help="write the tables at the end to this file")
    parser.add_argument("--log", help="write the output of the server to this file")
    return parser.parse_args()


def main():
    options = arguments()
    client = Client(options)
    try:
        with client.servers() as serve:
            if options.what != "sync":
                with serve() as (_, source):
                    if options.what in ("all", "form"):
                        client.form(source)
                    if options.what in ("all", "schema"):
                        client.schema(source)
            if options.what in ("all", "sync"):
                replica, state = client.syncs(serve)
                if options.state:
                    report.save(options.state, state)
                if options.dump:
                    dump(options.dump, replica)
            if options.what == "all":
                if options.bad:
                    client.refused(serve, {}, "a sync without a configuration")
                    client.refused(serve, fivetran_wire.flat(options.bad), "a sync of a bad configuration")
                if not options.fresh:
                    with serve() as (_, source):
                        client.goes_away(source)
    except (grpc.RpcError, grpc.FutureTimeoutError) as error:
        with open(client.log, encoding="utf-8", errors="replace") as file:
            result.problem(f"the server answered {error}: {file.read()[-1500:]}")
    result.finish()


main()
