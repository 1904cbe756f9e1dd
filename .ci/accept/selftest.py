"""Shows that each acceptance test can fail: it runs them on programs with known faults.

    selftest.py quick|longer --program PROGRAM --hosted FOLDER --config CONFIG --next NEXT
        --many MANY --clients DIRECTORY

PROGRAM is the connector of the demo API, CONFIG and NEXT are its configurations before and after changes,
and MANY is one with many rows. FOLDER is the connector packaged for Fivetran: faults are put into its
connector.py as well. A test succeeds here if it ends with status 1 and reports the expected problems.
"""

import concurrent.futures
import contextlib
import os
import shlex
import subprocess
import sys

import hosted_faults
from kit import report, tables, targets

HERE = os.path.dirname(os.path.abspath(__file__))
HOSTED_ALL = "fivetran_client.py all CONFIG --next NEXT --bad BAD --program PROGRAM --digits 6 --fresh --start START"

# The tests with their faults: the client whose packages the test needs, its command line, the
# mutations, and what the problems must say. Words in capitals are replaced by paths.
QUICK = [
    (
        "cdk",
        "airbyte_messages.py SOURCE CONFIG --bad BAD",
        "shown_secret,good_key,closed_catalog,warning,operation,number_for_text,wrong_count,no_state",
        "spec: ",
        "check: want FAILED",
        "catalog: ",
        "discover: {",
        "members that no reader knows: ['op']",
        "record #0 at `$.name`",
        "a state of customers counts 6.0 records, 5 came",
        "orders has no state",
        "records that no state covers",
    ),
    (
        "cdk",
        "airbyte_messages.py SOURCE CONFIG --bad BAD",
        "two_specs,never_complete,complete_early",
        "spec: status 0, messages ['SPEC', 'SPEC']",
        "a record of customers outside STARTED and COMPLETE",
        "a state of customers after its COMPLETE",
        "customers has the statuses",
    ),
    *(
        (None, f"raw_records.py {wire} CONFIG NEXT", mutations, *texts)
        for wire in ("airbyte SOURCE", "singer TAP")
        for mutations, *texts in (
            (
                "digit,rounded,escaped",
                "sync 1, orders, record 1, id: expected 9007199254740993, got 9007199254740992",
                "sync 1, orders, record 1, total: expected '",
                "sync 1, customers, record 1, name: expected '",
            ),
            ("lost_record", "sync 1, orders: expected 60 records, got 59"),
            ("lost_delete", "expected Operation(kind='delete'"),
        )
    ),
    (None, "raw_records.py airbyte SOURCE CONFIG NEXT", "old_cursor", "_ab_cdc_cursor is 1 after 1"),
    (None, "airbyte_repeated_state.py SOURCE MANY", "same_state", "repeats"),
    (
        None,
        "airbyte_child_reset.py SOURCE CONFIG --parent orders --child order_items",
        "no_child,no_parent",
        "left out: ",
        "is null: ",
        "read alone, ",
        "rows of orders did not come",
    ),
    (
        None,
        "airbyte_failed_table.py SOURCE CONFIG --path /customers --stream customers",
        "complete_always,status,no_state",
        "status 0, want 1",
        "want one TRACE ERROR",
        "customers ends with COMPLETE",
        "orders is COMPLETE and has no state",
    ),
    (
        None,
        "blocked_reader.py airbyte SOURCE MANY --limit 0.5",
        "deaf",
        "s after SIGTERM, want 0.5 at most",
        "status -9",
    ),
    ("cdk", "airbyte_suite.py SOURCE CONFIG BAD", "good_key", "the suite failed"),
    (
        None,
        "singer_check.py TAP CONFIG --clients CLIENTS",
        "late_schema,empty_state",
        "a RECORD of orders before its SCHEMA",
        "an empty STATE",
        "first sync: singer-check-tap ended with status 1",
    ),
    (
        None,
        "singer_check.py TAP CONFIG --clients CLIENTS",
        "object_only",
        "sync from the last state: singer-check-tap ended with status 1",
    ),
    *(
        (
            None,
            f"singer_target.py {target} TAP CONFIG NEXT --clients CLIENTS",
            "rounded,lost_delete,ignores_state",
            "total: expected '",
            "sync 2: ",
        )
        for target in ("jsonl", "csv")
    ),
    (
        None,
        "singer_target.py jsonl TAP CONFIG NEXT --clients LIARS",
        "",
        "the last state of the target is [{}]",
        "orders: 60 records sent, 0 rows written",
        "expected a row, got none",
    ),
    (
        "fivetran",
        HOSTED_ALL,
        "digit,rounded,escaped,lost_record",
        "sync 1: expected 166 operations, got 165",
        "total: expected '",
        "name: expected '",
    ),
    (
        "fivetran",
        HOSTED_ALL,
        "shim_keeps_deleted,shim_good_key,shim_no_checkpoint",
        "the test accepted a bad configuration",
        "sync 1: 166 records after the last checkpoint",
        "expected no row",
    ),
    (
        "fivetran",
        "fivetran_connector.py HOSTED",
        "shim_float,shim_fraction,shim_cut,shim_blank,shim_any_end,shim_shows_secrets,shim_no_schema,"
        "shim_last_name",
        "decimal \"1.50\": expected '1.50', got '1.5'",
        'naive "2026-01-02T03:04:05.1": ',
        "the request is ",
        "'', status 0: the failure is None",
        "a secret is shown",
        "two schemas are not declared",
        "repeated names: None, got ['{\"a\": {",
    ),
    (
        "fivetran",
        "fivetran_connector.py HOSTED",
        "shim_silent,shim_any_line,shim_any_status,shim_one_line,shim_no_copy,shim_empty",
        "the warnings are []",
        'type":"ROW',
        "status 7: the failure is None",
        "a killed program: the failure is None",
        "a program whose mode cannot change: ",
        '"c2VjcmV0"',
        "messages: the warnings are ['w', ' \\n'",
    ),
    (
        "fivetran",
        "fivetran_connector.py HOSTED",
        "shim_any_type,shim_cuts_secrets,shim_one_spelling,shim_no_kind",
        'string {"hush":true}: the failure is None',
        "masks: the log has 'hush'",
        "is not one of the configuration",
    ),
    (
        "fivetran",
        "fivetran_connector.py HOSTED",
        "shim_any_size,shim_rounds,shim_year_0,shim_any_row,shim_shows_value,shim_text",
        "short 40000: the failure is None",
        "float 0.1234567890123: the warnings are []",
        'date "0000-12-31": the failure is',
        "characters of string: the failure is None",
        "half of a character: ",
        "of a field of JSON, '{\"x\":[1]}' is sent as ",
    ),
    (
        "fivetran",
        "fivetran_hosted.py broken HOSTED CONFIG",
        "shim_no_mode,shim_no_task,shim_repeats",
        "a program that is not executable: 0 records",
        "a wrong key: the tasks are []",
        "the log has the failure as an error",
    ),
    (
        "fivetran",
        "fivetran_hosted.py broken HOSTED CONFIG",
        "shim_no_failure,shim_subclass",
        "a wrong key: the sync succeeded",
        "fivetran package made no archive",
    ),
]
LONGER = [
    (
        "airbyte",
        "airbyte_pyairbyte.py SOURCE CONFIG NEXT",
        "rounded,lost_delete,global_state",
        "total: expected '",
        "_ab_cdc_deleted_at: expected True",
        "read 2: ",
        "PyAirbyte keeps 0 states",
    ),
    (
        None,
        "singer_target.py postgres TAP CONFIG NEXT --clients CLIENTS",
        "escaped,lost_delete",
        "name: expected '",
        "_sdc_deleted_at: expected True",
    ),
    (
        None,
        "singer_meltano.py TAP CONFIG NEXT --deselect customers.email --clients CLIENTS",
        "rounded,ignores_state,ignores_catalog",
        "total: expected '",
        "second run: ",
        "run after it: ",
        "customers.email is deselected and arrived",
    ),
    (
        "fivetran",
        "fivetran_hosted.py killed HOSTED MANY --program PROGRAM",
        "lost_record,shim_any_status,shim_any_end",
        "killed program: the sync succeeded",
        "expected a row, got none",
    ),
]


class Runner:
    """Runs tests on programs with faults."""

    def __init__(self, options):
        self.options, directory = options, report.directory()
        self.paths = {name.upper(): getattr(options, name) for name in ("program", "config", "next", "many", "clients")}
        self.folders = os.path.join(directory, "folders")
        for word, name in (("SOURCE", "source-shop"), ("TAP", "tap-shop")):
            self.paths[word] = os.path.join(directory, name)
            os.symlink(os.path.join(HERE, "mutant.py"), self.paths[word])
        with open(options.config, encoding="utf-8") as file:
            bad = file.read().replace('"demo"', '"wrong"')
        self.paths["BAD"] = report.save(os.path.join(directory, "bad.json"), bad)
        self.paths["LIARS"] = lying_target(os.path.join(directory, "liars"))

    def fault(self, client, line, mutations, *texts):
        """Runs a test. Returns what is wrong with it, or None."""
        python = os.path.join(self.options.clients, client, "bin", "python") if client else sys.executable
        paths, outside = dict(self.paths), mutations
        if client == "fivetran":
            paths["HOSTED"] = os.path.join(self.folders, mutations)
            outside = hosted_faults.apply(self.options.hosted, paths["HOSTED"], mutations)
            serve = [python, os.path.join(HERE, "fivetran_serve.py"), paths["HOSTED"], "PORT"]
            paths["START"] = shlex.join(serve)
        script, *arguments = (paths.get(word, word) for word in line.split())
        done = subprocess.run(
            [python, os.path.join(HERE, script), *arguments],
            env=dict(os.environ, MUTANT_PROGRAM=self.options.program, MUTATIONS=outside),
            capture_output=True,
            text=True,
            check=False,
        )
        problems = [text for text in done.stdout.splitlines() if text.startswith("PROBLEM: ")]
        missing = [text for text in texts if not any(text in problem for problem in problems)]
        if done.returncode == 1 and done.stdout.endswith("FAILED\n") and not missing:
            return None
        output = (done.stdout + done.stderr)[-1500:]
        return f"{script} with {mutations}: status {done.returncode}, no problem says {missing}: {output}"


def lying_target(directory):
    """Makes a target that stores nothing and returns another state. Returns its directory, a stand-in for CLIENTS."""
    program = os.path.join(directory, "jsonl", "bin", "target-jsonl")
    os.makedirs(os.path.dirname(program))
    os.chmod(report.save(program, "#!/bin/sh\ncat >/dev/null\necho '{}'\n"), 0o755)
    return directory


def compared(rows, text, key=("id",)):
    """Compares rows with a table of one row and one deleted row, or of two rows if it has no key.

    Returns what is wrong with the comparison, or None. If text is empty, the rows must be equal.
    """
    result, table = report.Report(), tables.Table("t", {"id": "LONG", "a": "STRING"}, list(key))
    for kind, row in (("upsert", {"id": 1, "a": "x"}), ("upsert", {"id": 2}), ("delete", {"id": 2})):
        if kind == "upsert" or key:
            table.apply(tables.Operation(kind, "t", row))
    with contextlib.redirect_stdout(None):
        tables.compare(result, "c", table, targets.Postgres(), rows)
    right = any(text in found for found in result.problems) if text else not result.problems
    return None if right else f"a comparison with {rows} found {list(result.problems)}, want {text!r}"


def comparisons():
    """Yields what is wrong with the comparison of tables, or None."""
    mark = targets.Postgres.mark
    one, gone = {"id": 1, "a": "x", mark: False}, {"id": 2, "a": None, mark: True}
    two = {"id": 2, "a": None, mark: False}
    yield compared([gone, one], "")
    yield compared([{**one, "a": "y"}, gone], "c: t[1].a: expected 'x', got 'y'")
    yield compared([{**one, "a": None}, gone], "c: t[1].a: expected 'x', got None")
    yield compared([{**one, "a": ""}, gone], "c: t[1].a: expected 'x', got ''")
    yield compared([{**one, "id": True}, gone], "c: t[1].id: expected 1, got True")
    yield compared([{"id": 1, mark: False}, gone], "c: t[1].a: expected 'x', got 'no such column'")
    yield compared([{**one, "b": 1}, gone], "c: t[1].b: expected 'no such column', got 1")
    yield compared([one, {**gone, "a": "z"}], "c: t[2].a: expected None, got 'z'")
    yield compared([one, two], f"c: t[2].{mark}: expected True, got False")
    yield compared([gone], "c: t[1]: expected a row, got none")
    yield compared([one], "c: t[2]: expected a row, got none")
    yield compared([one, one, gone], "c: t[1]: stored twice")
    yield compared([one, gone, {**one, "id": 3}], "c: t[3]: expected no row, got")
    yield compared([two, one], "", key=())
    yield compared([one], "c: t: expected 1 times, got 0 times", key=())
    yield compared([one, one, two], "c: t: expected 1 times, got 2 times", key=())


def main():
    parser = report.parser(__doc__)
    parser.add_argument("half", choices=("quick", "longer"))
    for name in ("program", "hosted", "config", "next", "many", "clients"):
        parser.add_argument("--" + name, required=True, type=os.path.abspath)
    options = parser.parse_args()
    result, runner = report.Report(), Runner(options)
    faults = QUICK if options.half == "quick" else LONGER
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for problem in [*pool.map(lambda fault: runner.fault(*fault), faults), *comparisons()]:
            result.expect(problem is None, problem or "")
    print(f"{len(faults)} programs with faults")
    result.finish()


main()
