"""Checks that no stream has the same state twice with records in between: the platform fails such a sync.

airbyte_repeated_state.py EXE CONFIG        CONFIG must have enough rows for several checkpoints
"""

import json
import subprocess

from kit import airbyte_wire, report


def main():
    parser = report.parser(__doc__)
    parser.add_argument("exe")
    parser.add_argument("config")
    options = parser.parse_args()
    result = report.Report()
    streams = airbyte_wire.discover(options.exe, options.config)
    line = airbyte_wire.command(report.directory(), options.exe, options.config, streams)
    last, since, states, records = {}, {}, 0, 0
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        for text in process.stdout:
            message = json.loads(text)
            if message["type"] == "RECORD":
                records += 1
                for name in (message["record"]["stream"], ""):
                    since[name] = since.get(name, 0) + 1
            elif message["type"] == "STATE":
                states += 1
                state = message["state"]
                name = airbyte_wire.stream_of(state)
                content = state["stream"].get("stream_state") if name else state.get("global")
                if name in last and last[name] == content and since.get(name):
                    result.problem(f"state {states}: {name} repeats {str(content)[:200]} after {since[name]} records")
                last[name], since[name] = content, 0
    result.expect(process.returncode == 0, f"read: status {process.returncode}")
    print(f"{states} states over {records} records")
    result.expect(states > len(last), "at most one state per stream, which proves nothing: read more rows")
    result.finish()


main()
