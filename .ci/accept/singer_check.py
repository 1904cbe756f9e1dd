"""Checks a tap with singer-check-tap: a first sync, and one from the state of the first.

    singer_check.py EXE CONFIG --clients DIRECTORY
"""

import os
import subprocess

from kit import report, singer_wire


def main():
    parser = report.parser(__doc__)
    parser.add_argument("exe")
    parser.add_argument("config")
    parser.add_argument("--clients", required=True, help="the directory given to setup")
    options = parser.parse_args()
    result, work, state = report.Report(), report.directory(), None
    program = os.path.join(os.path.abspath(options.clients), "check", "bin", "singer-check-tap")
    path = os.path.join(work, "messages")
    for what in ("first sync", "sync from the last state"):
        state = singer_wire.run(result, options.exe, options.config, path, state)
        with open(path, "rb") as file:  # if it starts the tap itself, this version fails at its own summary
            done = subprocess.run([program], stdin=file, capture_output=True, text=True, cwd=work, check=False)
        print(f"{what}: {sum(singer_wire.counts(path).values())} records")
        output = (done.stdout + done.stderr)[-700:]
        result.expect(done.returncode == 0, f"{what}: singer-check-tap ended with status {done.returncode}: {output}")
    result.finish()


main()
