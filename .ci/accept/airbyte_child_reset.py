"""Checks that a stream that follows its parent's position is read in full if it has no state of its own.

There are four cases: the state of the child is missing, it is null, the child is read alone, or the
state of the parent is missing. In the last case, both must be read in full.

    airbyte_child_reset.py EXE CONFIG --parent NAME --child NAME
"""

import json

from kit import airbyte_wire, report

result = report.Report()


class Source:
    """A source, and the directory of the files that it is given."""

    def __init__(self, exe, config):
        self.exe, self.config, self.work = exe, config, report.directory()
        self.streams = airbyte_wire.discover(exe, config)
        self.keys = {
            stream["name"]: [path[0] for path in stream.get("source_defined_primary_key") or []]
            for stream in self.streams
        }

    def read(self, what, only, states):
        """Reads streams. Returns the keys of the rows of each stream, and the last states."""
        streams = [stream for stream in self.streams if not only or stream["name"] in only]
        status, messages, errors = airbyte_wire.run(
            *airbyte_wire.command(self.work, self.exe, self.config, streams, states)
        )
        result.expect(status == 0, f"{what}: status {status}: {errors[-500:]}")
        found = {stream["name"]: set() for stream in self.streams}
        for message in messages:
            if message["type"] == "RECORD":
                name, row = message["record"]["stream"], message["record"]["data"]
                found[name].add(json.dumps([row.get(column) for column in self.keys[name]] or row, sort_keys=True))
        print(f"{what}:", ", ".join(f"{name} {len(rows)}" for name, rows in found.items()))
        return found, airbyte_wire.last_states(messages)


def main():
    parser = report.parser(__doc__)
    parser.add_argument("exe")
    parser.add_argument("config")
    parser.add_argument("--parent", required=True)
    parser.add_argument("--child", required=True)
    options = parser.parse_args()
    parent, child = options.parent, options.child
    source = Source(options.exe, options.config)
    whole, states = source.read("first read", None, None)
    result.expect(whole[child], f"the source has no rows of {child}")
    if not result.expect(
        all(map(airbyte_wire.stream_of, states)), "the state is GLOBAL: this test needs a state per stream"
    ):
        result.finish()

    def without(name):
        return [state for state in states if airbyte_wire.stream_of(state) != name]

    null = [
        dict(state, stream={**state["stream"], "stream_state": None})
        for state in states
        if airbyte_wire.stream_of(state) == child
    ]
    result.expect(null, f"{child} has no state")
    for what, only, given in (
        (f"the state of {child} is left out", None, without(child)),
        (f"the state of {child} is null", None, without(child) + null),
        (f"{child} is read alone, without its state", [child], without(child)),
        (f"the state of {parent} is left out", None, without(parent)),
    ):
        got, _ = source.read(what, only, given)
        for name in (child, parent) if given == without(parent) else (child,):
            missing = len(whole[name] - got[name])
            result.expect(not missing, f"{what}: {missing} of {len(whole[name])} rows of {name} did not come")
    result.finish()


main()
