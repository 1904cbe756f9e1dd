"""Breaks a folder that penstock package fivetran wrote, and kills what it runs.

    fivetran_hosted.py broken FOLDER CONFIG
        The SDK's command package puts all files but the configuration into its archive. A wrong key, a missing
        program, a program that is not executable, and one that crashes: each sync succeeds or fails with a
        sentence, and no message has the key.
    fivetran_hosted.py killed FOLDER CONFIG --program EXE
        The program is killed in mid-sync, and then the server is. The next sync resumes, nothing is lost,
        and no process is left. CONFIG needs many rows.

Needs the packages of the client fivetran.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile

from kit import fivetran_wire, report, stdin_wire, tables, targets
from kit.ports import free_port

HERE = os.path.dirname(os.path.abspath(__file__))
WRONG_KEY = "wrong-key-5d1c"
FORTY = 40  # lines of a message at most

result, work = report.Report(), report.directory()
log = os.path.join(work, "log")


def serving(folder):
    """Serves a folder with the server of the SDK."""
    port = free_port()
    command = f"{sys.executable} {os.path.join(HERE, 'fivetran_serve.py')} {folder} {port}"
    return fivetran_wire.serving(command, port, log, result)


def sync(folder, configuration, state, what, after=None):
    """Runs a sync. The function after gets the server, after the first checkpoint."""
    with serving(folder) as (server, source):
        found, _ = source.tables(configuration)
        one = fivetran_wire.Sync(found, state, result, what)
        call = source.update(configuration, state)
        return one.run(call, after and (lambda: after(server)))


def copy_of(folder, name):
    """Returns a copy of the folder and the paths of its programs."""
    path = os.path.join(work, name)
    shutil.copytree(folder, path)
    inside = os.path.join(path, "bin")
    return path, [os.path.join(inside, program) for program in os.listdir(inside)]


def failed(one, *texts):
    """Checks that a sync failed with a short message that has the texts."""
    if not result.expect(one.error, f"{one.what}: the sync succeeded"):
        return
    message = one.error[1]
    for text in texts:
        result.expect(text in message, f"{one.what}: the message does not say {text!r}: {message[:500]}")
    result.expect(
        message.count("\n") < FORTY and "During handling" not in message and "direct cause" not in message,
        f"{one.what}: the message has {message.count(chr(10))} lines or a chained traceback: {message[-1500:]}",
    )
    ours = message.count("connector.py")
    result.expect(ours == 1, f"{one.what}: the traceback has {ours} lines of connector.py, want one")


def reason(folder, configuration):
    """Returns the reason with which the connection test fails, or None."""
    with serving(folder) as (_, source):
        (test,) = source.form().tests
        return source.test(test.name, configuration)


def packaged(path):
    """Runs the SDK's command package in a folder. Returns its output."""
    directory = os.path.dirname(sys.executable)  # has the SDK's command, and one that it runs
    return subprocess.run(
        [os.path.join(directory, "fivetran"), "package"],
        cwd=path,
        env=dict(os.environ, PATH=directory + os.pathsep + os.environ["PATH"], HOME=work),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    ).stdout


def archive(folder, _configuration):
    """The SDK's archive has all files but the configuration, and the programs with their mode."""
    path, inside = copy_of(folder, "archive")
    said = packaged(path)
    made = os.path.join(path, "files", "archive.zip")
    if not result.expect(os.path.exists(made), f"fivetran package made no archive: {said[-1000:]}"):
        return
    modes = {member.filename: member.external_attr >> 16 & 0o777 for member in zipfile.ZipFile(made).infolist()}
    want = {"connector.py", "penstock.json", "README.md", ".gitignore", "configuration_form.pb"}
    want.update(os.path.relpath(program, path) for program in inside)
    result.expect(modes.keys() == want, f"the archive has {sorted(modes)}, want {sorted(want)}")
    for name in filter(lambda name: name.startswith("bin/"), modes):
        result.expect(modes[name] == 0o755, f"in the archive, {name} has the mode {modes[name]:o}")


def wrong_key(folder, configuration):
    """The user's fault becomes a task as well, and the key is in no message."""
    one = sync(folder, dict(configuration, api_key=WRONG_KEY), "{}", "a wrong key")
    failed(one, "401 Unauthorized")
    result.expect(len(one.tasks) == 1 and "401 Unauthorized" in one.tasks[0], f"a wrong key: the tasks are {one.tasks}")
    why = reason(folder, dict(configuration, api_key=WRONG_KEY))
    result.expect(why and "401 Unauthorized" in why, f"the test of a wrong key says {why!r}")
    with open(log, encoding="utf-8") as file:
        logged = file.read()
    for text in (logged, str(one.error), str(one.tasks), str(one.warnings), str(why)):
        result.expect(WRONG_KEY not in text, f"a message has the key: {text[:500]}")
    repeated = [line for line in logged.splitlines() if '"ERROR"' in line and "tables failed" in line]
    result.expect(not repeated, f"the log has the failure as an error of the connector: {repeated[:1]}")
    result.expect("table failed" in logged, "the program's log is not in the server's")


def missing(folder, configuration):
    """Without the program for a machine, the folder has a form and a schema, and says what is missing."""
    path, inside = copy_of(folder, "missing")
    for program in inside:
        os.rename(program, program + "-other")
    one = sync(path, configuration, "{}", "a missing program")
    failed(one, "is missing from the package", "penstock package fivetran")
    result.expect(one.tables, "a folder without its program has no schema")
    why = reason(path, configuration)
    result.expect(why and "is missing from the package" in why, f"the test of a missing program says {why!r}")


def none(folder, _configuration):
    """Without a program, the folder cannot be packaged: it may be a clone of a repository that ignores bin/."""
    path, _ = copy_of(folder, "none")
    shutil.rmtree(os.path.join(path, "bin"))
    said = packaged(path)
    result.expect("has no program in bin/" in said, f"fivetran package without a program says {said[-999:]}")
    made = os.path.join(path, "files", "none.zip")
    result.expect(not os.path.exists(made), "fivetran package made an archive without a program")


def not_executable(folder, configuration):
    """A program that lost its mode runs."""
    path, inside = copy_of(folder, "mode")
    for program in inside:
        os.chmod(program, 0o644)
    one = sync(path, configuration, "{}", "a program that is not executable")
    result.expect(one.error is None and one.records, f"{one.what}: {one.records} records, {one.error}")


def crashing(folder, configuration):
    """A program that ends without a reason fails the sync with its status."""
    path, inside = copy_of(folder, "crash")
    for program in inside:
        report.save(program, '#!/bin/sh\ncat >/dev/null\necho \'{"type":"STATE","state":{}}\'\nexit 7\n')
        os.chmod(program, 0o755)
    one = sync(path, configuration, "{}", "a program that crashes")
    failed(one, "status 7")
    result.expect(not one.tasks, f"{one.what}: the tasks are {one.tasks}")


def kill_program(server):
    """Kills the programs that a server runs."""
    found = fivetran_wire.programs(server)
    result.expect(found, "the server runs no program in mid-sync")
    for pid in found:
        os.kill(pid, signal.SIGKILL)


def kill_server(server):
    """Kills a server. Its programs must end, because nothing reads what they write."""
    found = fivetran_wire.programs(server)
    result.expect(found, "the server runs no program in mid-sync")
    server.kill()
    end = time.monotonic() + 20
    while any(alive(pid) for pid in found) and time.monotonic() < end:
        time.sleep(0.05)
    for pid in filter(alive, found):
        result.problem("a program had not ended 20 seconds after its server was killed")
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def alive(pid):
    """Reports whether a process exists and has not ended."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def killed(folder, config, program):
    """Kills the program in a first sync and the server in a second, and compares the tables after a third."""
    configuration, state, replica = fivetran_wire.flat(config), "{}", {}
    for what, after in (("killed program", kill_program), ("killed server", kill_server), ("last sync", None)):
        one = sync(folder, configuration, state, what, after)
        if not replica:
            replica = {name: table for (_, name), table in one.tables.items()}
        # A platform need not keep records that no checkpoint covers.
        tables.apply(replica, one.operations[: one.covered])
        state = one.state
        if after is kill_program:
            failed(one, "killed by SIGKILL", "the next sync resumes")
        result.expect((one.error is None) == (after is None), f"{what}: {one.error}")
        result.expect(after is None or json.loads(state), f"{what}: there is no state to resume from")
    want, _ = stdin_wire.history(program, [config])
    for name, table in want.items():
        tables.compare(result, "after the kills,", table, targets.Fivetran(6), list(replica[name].rows.values()))


def main():
    parser = report.parser(__doc__)
    parser.add_argument("what", choices=("broken", "killed"))
    parser.add_argument("folder", type=os.path.abspath)
    parser.add_argument("config")
    parser.add_argument("--program", type=os.path.abspath)
    options = parser.parse_args()
    if options.what == "killed":
        killed(options.folder, options.config, options.program)
    else:
        configuration = fivetran_wire.flat(options.config)
        for case in (archive, wrong_key, missing, none, not_executable, crashing):
            case(options.folder, configuration)
    result.finish()


main()
