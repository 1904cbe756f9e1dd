"""Checks that SIGTERM ends a program whose reader has stopped reading and whose pipe is full.

It must end within the limit, as an Airbyte source with status 0 or by the signal: PyAirbyte waits 10
seconds, kills the source and raises an error for any other status.

    blocked_reader.py airbyte EXE CONFIG
    blocked_reader.py singer|stdin EXE CONFIG        CONFIG must have more rows than a pipe holds
"""

import array
import fcntl
import json
import os
import signal
import subprocess
import termios
import time

from kit import airbyte_wire, report


def wait_until_full(process):
    """Returns when the pipe of a process holds something and has stopped filling, or when the process has ended."""
    before, held = -1, array.array("i", [0])
    while process.poll() is None and (held[0] == 0 or held[0] != before):
        before = held[0]
        time.sleep(0.2)
        fcntl.ioctl(process.stdout, termios.FIONREAD, held)


def main():
    parser = report.parser(__doc__)
    parser.add_argument("wire", choices=("airbyte", "singer", "stdin"))
    parser.add_argument("exe")
    parser.add_argument("config")
    parser.add_argument("--limit", type=float, default=5.0, help="seconds; the default is 5")
    options = parser.parse_args()
    result, work = report.Report(), report.directory()
    stdin = os.devnull
    if options.wire == "airbyte":
        line = airbyte_wire.command(
            work, options.exe, options.config, airbyte_wire.discover(options.exe, options.config)
        )
    elif options.wire == "singer":
        line = [options.exe, "--config", options.config]
    else:
        line = [options.exe]
        with open(options.config, encoding="utf-8") as file:
            stdin = report.save(os.path.join(work, "request.json"), json.dumps({"secrets": json.load(file)}))
    with open(stdin, "rb") as file:
        process = subprocess.Popen(line, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    wait_until_full(process)
    if not result.expect(process.poll() is None, "the program ended before the signal: read more rows"):
        result.finish()
    start = time.monotonic()
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(4 * options.limit)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    took = time.monotonic() - start
    print(f"status {process.returncode}, {took:.1f} s after SIGTERM")
    result.expect(took <= options.limit, f"the program ended {took:.1f} s after SIGTERM, want {options.limit} at most")
    allowed = (0, -signal.SIGTERM) if options.wire == "airbyte" else (0, 1, -signal.SIGTERM)
    result.expect(
        process.returncode in allowed, f"status {process.returncode}, want one of {[int(status) for status in allowed]}"
    )
    result.finish()


main()
