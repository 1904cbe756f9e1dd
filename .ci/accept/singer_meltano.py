"""Runs a tap with Meltano into target-jsonl and compares what it stored with the tables of the stdin wire.

"meltano config test" must pass. The first run takes everything, the second one only what the state
leaves, as many records as over the stdin wire, and Meltano keeps the bookmarks. A full refresh takes
everything again, and the run after it only what is new. A deselected column never arrives.

    singer_meltano.py EXE CONFIG NEXT --deselect TABLE.COLUMN --clients DIRECTORY

NEXT is the configuration of the source after changes.
"""

import json
import os
import subprocess

from kit import report, stdin_wire, stores, tables

KINDS = {"integer": "integer", "boolean": "boolean", "object": "object", "array": "array"}

result, work = report.Report(), report.directory()


class Project:
    """A project of Meltano with one tap and one target."""

    def __init__(self, exe, clients, store, deselected):
        self.tap, self.directory = os.path.basename(exe), os.path.join(work, "project")
        self.meltano = os.path.join(clients, "meltano", "bin", "meltano")
        os.mkdir(self.directory)
        about = json.loads(
            subprocess.run([exe, "--about", "--format", "json"], stdout=subprocess.PIPE, check=True).stdout
        )
        extractor = {
            "name": self.tap,
            "namespace": self.tap.replace("-", "_"),
            "executable": os.path.abspath(exe),
            "capabilities": ["catalog", "discover", "state", "about"],
            "settings": [
                {
                    "name": name,
                    "kind": KINDS.get(field.get("type"), "string"),
                    **({"sensitive": True} if field.get("writeOnly") else {}),
                }
                for name, field in about["settings"]["properties"].items()
            ],
            "select": ["*.*", "!" + deselected],
        }
        loader = {
            "name": store.program,
            "namespace": store.program.replace("-", "_"),
            "executable": os.path.join(clients, store.client, "bin", store.program),
            "settings": [{"name": "destination_path"}, {"name": "do_timestamp_file", "kind": "boolean"}],
            "config": store.settings,
        }
        self.extractor = extractor
        self.content = {
            "version": 1,
            "default_environment": "dev",
            "project_id": "accept",
            "send_anonymous_usage_stats": False,
            "environments": [{"name": "dev"}],
            "plugins": {"extractors": [extractor], "loaders": [loader]},
        }

    def configure(self, config):
        """Makes a file the configuration of the tap."""
        with open(config, encoding="utf-8") as file:
            self.extractor["config"] = json.load(file)
        report.save(os.path.join(self.directory, "meltano.yml"), json.dumps(self.content))  # JSON is YAML

    def call(self, *arguments):
        """Runs Meltano. Returns its standard output."""
        environment = dict(
            os.environ,
            DO_NOT_TRACK="1",
            MELTANO_SEND_ANONYMOUS_USAGE_STATS="false",
            MELTANO_PROJECT_ROOT=self.directory,
            NO_COLOR="1",
        )
        done = subprocess.run(
            [self.meltano, *arguments], cwd=self.directory, env=environment, capture_output=True, text=True, check=False
        )
        output = (done.stdout + done.stderr)[-1500:]
        result.expect(done.returncode == 0, f"meltano {' '.join(arguments)}: status {done.returncode}: {output}")
        return done.stdout

    def run(self, *options):
        """Runs the tap into the target."""
        self.call("run", *options, self.tap, stores.JSONLines.program)


def main():
    parser = report.parser(__doc__)
    parser.add_argument("exe")
    parser.add_argument("config")
    parser.add_argument("next")
    parser.add_argument("--deselect", required=True, metavar="TABLE.COLUMN")
    parser.add_argument("--clients", required=True, help="the directory given to setup")
    options = parser.parse_args()
    store = stores.JSONLines(os.path.join(work, "rows"))
    os.mkdir(store.directory)
    project = Project(options.exe, os.path.abspath(options.clients), store, options.deselect)
    want, (first, second) = stdin_wire.history(options.exe, [options.config, options.next])
    again, _ = stdin_wire.sync(options.exe, options.next)
    project.configure(options.config)
    project.call("config", "test", project.tap)

    stored = 0
    for what, config, arguments, expected in (
        ("first run", options.config, [], len(first)),
        ("second run", options.next, [], len(second)),
        ("full refresh", options.next, ["--full-refresh"], len(again)),
        ("run after it", options.next, [], None),
    ):
        project.configure(config)
        project.run(*arguments)
        total = sum(len(store.records(name)) for name in want)
        got, stored = total - stored, total
        print(f"{what}: {got} records")
        if expected is None:
            result.expect(got < len(again) / 2, f"{what}: {got} records, as if there were no state")
        else:
            result.expect(got == expected, f"{what}: {got} records, want {expected}")

    state = project.call("state", "get", f"dev:{project.tap}-to-{store.program}")
    result.expect('"bookmarks"' in state, f"Meltano kept no bookmarks: {state[:300]}")

    name, column = options.deselect.split(".", 1)
    arrived = sum(column in record for record in store.records(name))
    result.expect(not arrived, f"{options.deselect} is deselected and arrived in {arrived} records")
    del want[name].columns[column]
    for row in want[name].rows.values():
        row.pop(column, None)
    for table in want.values():
        tables.compare(result, "Meltano", table, store.target, store.rows(table))
    result.finish()


main()
