"""Shows that each test of the acceptance can fail: it runs them on programs with known faults.

    selftest.py quick|longer --program PROGRAM --config CONFIG --next NEXT --many MANY --clients DIRECTORY

PROGRAM is the connector of the demo API, CONFIG and NEXT are its configurations before and after
changes, and MANY is one with many rows. A test passes here if it ends with status 1 and its problems
contain the text that is expected of it.
"""

import concurrent.futures
import contextlib
import os
import subprocess
import sys

from kit import report, tables, targets

HERE = os.path.dirname(os.path.abspath(__file__))


class Faults:
    """The tests with their faults. A fault is a mutation, or several, and what the problems must say."""

    def __init__(self, options):
        self.options, self.directory = options, report.directory()
        for name in ("source-shop", "tap-shop"):
            os.symlink(os.path.join(HERE, "mutant.py"), os.path.join(self.directory, name))
        self.source, self.tap = (os.path.join(self.directory, name) for name in ("source-shop", "tap-shop"))
        self.bad = report.save(os.path.join(self.directory, "bad.json"),
                               open(options.config, encoding="utf-8").read().replace('"demo"', '"wrong"'))

    def quick(self):
        """Yields (client, script and arguments, mutations, expected texts)."""
        config, following, many, clients = self.options.config, self.options.next, self.options.many, self.options.clients
        messages = ["airbyte_messages.py", self.source, config, "--bad", self.bad]
        yield "cdk", messages, "shown_secret,good_key,closed_catalog,warning,operation,number_for_text,wrong_count,no_state", [
            "spec: ", "check: want FAILED", "catalog: ", "discover: {", "members that no reader knows: ['op']",
            "record #0 at `$.name`", "a state of customers counts 6.0 records, 5 came", "orders has no state", "records that no state covers"]
        yield "cdk", messages, "two_specs,never_complete,complete_early", [
            "spec: status 0, messages ['SPEC', 'SPEC']", "a record of customers outside STARTED and COMPLETE",
            "a state of customers after its COMPLETE", "customers has the statuses"]
        for wire, exe in (("airbyte", self.source), ("singer", self.tap)):
            records = ["raw_records.py", wire, exe, config, following]
            yield None, records, "digit,rounded,escaped", [
                "sync 1, orders, record 1, id: expected 9007199254740993, got 9007199254740992",
                "sync 1, orders, record 1, total: expected '", "sync 1, customers, record 1, name: expected '"]
            yield None, records, "lost_record", ["sync 1, orders: expected 60 records, got 59"]
            yield None, records, "lost_delete", ["expected Operation(kind='delete'"]
        yield None, ["raw_records.py", "airbyte", self.source, config, following], "old_cursor", ["_ab_cdc_cursor is 1 after 1"]
        yield None, ["airbyte_repeated_state.py", self.source, many], "same_state", ["repeats"]
        child = ["airbyte_child_reset.py", self.source, config, "--parent", "orders", "--child", "order_items"]
        yield None, child, "no_child,no_parent", ["left out: ", "is null: ", "read alone, ", "rows of orders did not come"]
        failed = ["airbyte_failed_table.py", self.source, config, "--path", "/customers", "--stream", "customers"]
        yield None, failed, "complete_always,status,no_state", [
            "status 0, want 1", "want one TRACE ERROR", "customers ends with COMPLETE", "orders is COMPLETE and has no state"]
        blocked = ["blocked_reader.py", "airbyte", self.source, many, "--limit", "0.5"]
        yield None, blocked, "deaf", ["s after SIGTERM, want 0.5 at most", "status -9"]
        yield "cdk", ["airbyte_suite.py", self.source, config, self.bad], "good_key", ["the suite failed"]
        check = ["singer_check.py", self.tap, config, "--clients", clients]
        yield None, check, "late_schema,empty_state", [
            "a RECORD of orders before its SCHEMA", "an empty STATE", "first sync: singer-check-tap ended with status 1"]
        yield None, check, "object_only", ["sync from the last state: singer-check-tap ended with status 1"]
        for target in ("jsonl", "csv"):
            line = ["singer_target.py", target, self.tap, config, following, "--clients", clients]
            yield None, line, "rounded,lost_delete,ignores_state", ["total: expected '", "sync 2: ", ": expected "]
        liar = ["singer_target.py", "jsonl", self.tap, config, following, "--clients", self.lying_target()]
        yield None, liar, "", ["the last state of the target is [{}]", "orders: 60 records sent, 0 rows written", "expected a row, got none"]

    def lying_target(self):
        """Makes a target that stores nothing and gives back another state. Returns the directory of its clients."""
        program = os.path.join(self.directory, "jsonl", "bin", "target-jsonl")
        os.makedirs(os.path.dirname(program))
        os.chmod(report.save(program, "#!/bin/sh\ncat >/dev/null\necho '{}'\n"), 0o755)
        return self.directory

    def longer(self):
        """Yields the same for the clients that take longer."""
        config, following, clients = self.options.config, self.options.next, self.options.clients
        pyairbyte = ["airbyte_pyairbyte.py", self.source, config, following]
        yield "airbyte", pyairbyte, "rounded,lost_delete,global_state", [
            "total: expected '", "_ab_cdc_deleted_at: expected True", "read 2: ", "states"]
        postgres = ["singer_target.py", "postgres", self.tap, config, following, "--clients", clients]
        yield None, postgres, "escaped,lost_delete", ["name: expected '", "_sdc_deleted_at: expected True"]
        meltano = ["singer_meltano.py", self.tap, config, following, "--deselect", "customers.email", "--clients", clients]
        yield None, meltano, "rounded,ignores_state,ignores_catalog", [
            "total: expected '", "second run: ", "run after it: ", "customers.email is deselected and arrived"]

    def caught(self, client, line, mutations, texts):
        """Runs a test on a program with faults. Returns what is wrong with the test, or None."""
        python = os.path.join(self.options.clients, client, "bin", "python") if client else sys.executable
        environment = dict(os.environ, MUTANT_PROGRAM=self.options.program, MUTATIONS=mutations)
        done = subprocess.run([python, os.path.join(HERE, line[0]), *line[1:]],
                              env=environment, capture_output=True, text=True, check=False)
        problems = [text for text in done.stdout.splitlines() if text.startswith("PROBLEM: ")]
        missing = [text for text in texts if not any(text in problem for problem in problems)]
        if done.returncode == 1 and done.stdout.endswith("FAILED\n") and not missing:
            return None
        return (f"{line[0]} with {mutations}: status {done.returncode}, no problem with {missing}; "
                f"the output ends with\n{(done.stdout + done.stderr)[-1500:]}")


def compared(rows, text, key=("id",)):
    """Compares rows with a table of two, whose one was deleted. Returns what is wrong with the comparison, or None."""
    result, table = report.Report(), tables.Table("t", {"id": "LONG", "a": "STRING"}, list(key))
    for kind, row in (("upsert", {"id": 1, "a": "x"}), ("upsert", {"id": 2}), ("delete", {"id": 2})):
        if kind == "upsert" or key:
            table.apply(tables.Operation(kind, "t", row))
    with contextlib.redirect_stdout(None):
        tables.compare(result, "c", table, targets.Postgres(), rows)
    found = list(result.problems)
    return None if found == text or any(t in f for t in text for f in found) else f"compare {rows}: {found}, want {text}"


def comparisons():
    """Yields what is wrong with the comparison of tables."""
    mark = targets.Postgres.mark
    one, gone = {"id": 1, "a": "x", mark: False}, {"id": 2, "a": None, mark: True}
    yield compared([one, gone], [])
    yield compared([dict(one, a="y"), gone], ["c: t[1].a: expected 'x', got 'y'"])
    yield compared([dict(one, a=None), gone], ["c: t[1].a: expected 'x', got None"])
    yield compared([dict(one, a=""), gone], ["c: t[1].a: expected 'x', got ''"])
    yield compared([dict(one, id=True), gone], ["c: t[1].id: expected 1, got True"])
    yield compared([{"id": 1, mark: False}, gone], ["c: t[1].a: expected 'x', got 'no such column'"])
    yield compared([dict(one, b=1), gone], ["c: t[1].b: expected 'no such column', got 1"])
    yield compared([one, dict(gone, a="z")], ["c: t[2].a: expected None, got 'z'"])
    yield compared([one, {**gone, mark: False}], [f"c: t[2].{mark}: expected True, got False"])
    yield compared([gone], ["c: t[1]: expected a row, got none"])
    yield compared([one], ["c: t[2]: expected a row, got none"])
    yield compared([one, one, gone], ["c: t[1]: stored twice"])
    yield compared([one, gone, dict(one, id=3)], ["c: t[3]: expected no row, got"])
    yield compared([one, dict(one, id=2, a=None)], [], key=())
    yield compared([one], ["c: t: expected 1 times, got 0 times"], key=())
    yield compared([one, one, dict(one, id=2, a=None)], ["c: t: expected 1 times, got 2 times"], key=())


def main():
    parser = report.parser(__doc__)
    parser.add_argument("half", choices=("quick", "longer"))
    for name in ("program", "config", "next", "many", "clients"):
        parser.add_argument("--" + name, required=True, type=os.path.abspath)
    options = parser.parse_args()
    result, faults = report.Report(), Faults(options)
    cases = list(getattr(faults, options.half)())
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for problem in pool.map(lambda case: faults.caught(*case), cases):
            result.expect(problem is None, problem or "")
    for problem in comparisons():
        result.expect(problem is None, problem or "")
    print(f"{len(cases)} programs with faults")
    result.finish()


main()
