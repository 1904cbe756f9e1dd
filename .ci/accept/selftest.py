"""Shows that each test of the acceptance can fail: it runs them on programs with known faults.

    selftest.py quick|longer --program PROGRAM --config CONFIG --next NEXT --many MANY --clients DIRECTORY

PROGRAM is the connector of the demo API, CONFIG and NEXT are its configurations before and after
changes, and MANY is one with many rows. A test passes here if it ends with status 1 and its problems
contain the text that is expected of it.
"""

import concurrent.futures
import os
import subprocess
import sys

from kit import report

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
        for mutations, *texts in (
            ("shown_secret", "spec: "),
            ("two_specs", "spec: status 0, messages"),
            ("good_key", "check: want FAILED"),
            ("closed_catalog", "catalog: "),
            ("warning", "discover: "),
            ("operation", "members that no reader knows: ['op']"),
            ("number_for_text", "read: ", "name"),
            ("wrong_count", "counts"),
            ("no_state", "customers has no state", "records that no state covers"),
            ("complete_early", "a record of customers outside STARTED and COMPLETE", "a state of customers after its COMPLETE"),
            ("never_complete", "has the statuses"),
        ):
            yield "cdk", messages, mutations, texts
        for mutations, *texts in (
            ("digit", "sync 1, orders, record 1, id: expected 9007199254740993, got 9007199254740992"),
            ("rounded", "sync 1, orders, record 1, total: "),
            ("escaped", "sync 1, customers, record 1, name: "),
            ("lost_record", "sync 1, orders: expected"),
            ("lost_delete", "expected Operation(kind='delete'"),
        ):
            yield None, ["raw_records.py", "airbyte", self.source, config, following], mutations, texts
            yield None, ["raw_records.py", "singer", self.tap, config, following], mutations, texts
        yield None, ["raw_records.py", "airbyte", self.source, config, following], "old_cursor", ["_ab_cdc_cursor is 1 after 1"]
        yield None, ["airbyte_repeated_state.py", self.source, many], "same_state", ["repeats"]
        child = ["airbyte_child_reset.py", self.source, config, "--parent", "orders", "--child", "order_items"]
        yield None, child, "no_child", ["left out: ", "is null: ", "read alone, "]
        yield None, child, "no_parent", ["rows of orders did not come"]
        failed = ["airbyte_failed_table.py", self.source, config, "--path", "/customers", "--stream", "customers"]
        yield None, failed, "complete_always,status", ["status 0, want 1", "want one TRACE ERROR", "customers ends with COMPLETE"]
        yield None, failed, "no_state", []
        blocked = ["blocked_reader.py", "airbyte", self.source, many, "--limit", "0.5"]
        yield None, blocked, "deaf", ["s after SIGTERM, want 0.5 at most", "status -9"]
        yield "cdk", ["airbyte_suite.py", self.source, config, self.bad], "good_key", ["the suite failed"]
        check = ["singer_check.py", self.tap, config, "--clients", clients]
        yield None, check, "late_schema", ["a RECORD of orders before its SCHEMA", "singer-check-tap ended with status 1"]
        yield None, check, "object_only", ["singer-check-tap ended with status 1"]
        yield None, check, "empty_state", ["an empty STATE"]
        for target, text in (("jsonl", "total: expected '"), ("csv", "total: expected '")):
            line = ["singer_target.py", target, self.tap, config, following, "--clients", clients]
            yield None, line, "rounded,lost_delete", [text, "expected"]
            yield None, line, "ignores_state", ["sync 2: "]

    def longer(self):
        """Yields the same for the clients that take longer."""
        config, following, clients = self.options.config, self.options.next, self.options.clients
        pyairbyte = ["airbyte_pyairbyte.py", self.source, config, following]
        yield "airbyte", pyairbyte, "rounded,lost_delete,global_state", ["total: expected", "_ab_cdc_deleted_at: expected True", "read 2: ", "states"]
        postgres = ["singer_target.py", "postgres", self.tap, config, following, "--clients", clients]
        yield None, postgres, "escaped,lost_delete", ["name: expected", "_sdc_deleted_at: expected True"]
        meltano = ["singer_meltano.py", self.tap, config, following, "--deselect", "customers.email", "--clients", clients]
        yield None, meltano, "rounded,ignores_state,ignores_catalog", [
            "total: expected", "second run: ", "run after it: ", "customers.email is deselected and arrived"]

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
            result.expect(problem is None, problem)
    print(f"{len(cases)} faults")
    result.finish()


main()
