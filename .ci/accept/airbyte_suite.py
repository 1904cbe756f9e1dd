"""Runs Airbyte's own test suite for images, with a stand-in for docker that runs the source as a program.

The suite skips what it cannot run, so the test requires that 6 tests passed. The test that compares
the image with the published one is left out. Needs the packages of the client cdk.

    airbyte_suite.py EXE CONFIG BAD
"""

import os
import re
import shutil
import subprocess
import sys

from kit import report

PASSED = 6


def main():
    parser = report.parser(__doc__)
    parser.add_argument("exe")
    parser.add_argument("config")
    parser.add_argument("bad", help="a configuration that check must refuse")
    options = parser.parse_args()
    result, work = report.Report(), report.directory()
    name = os.path.basename(options.exe)
    suite = os.path.join(os.path.dirname(os.path.abspath(__file__)), "suite")
    root, commands = os.path.join(work, name), os.path.join(work, "bin")
    for path in (os.path.join(root, "secrets"), commands):
        os.makedirs(path)
    shutil.copy(os.path.join(suite, "docker"), commands)
    shutil.copy(os.path.join(suite, "conftest.py"), work)
    shutil.copy(os.path.join(suite, "test_image.py"), root)
    for file in ("metadata.yaml", "acceptance-test-config.yml"):
        with open(os.path.join(suite, file), encoding="utf-8") as template:
            report.save(os.path.join(root, file), template.read().replace("NAME", name))
    shutil.copy(options.config, os.path.join(root, "secrets", "config.json"))
    shutil.copy(options.bad, os.path.join(root, "secrets", "bad.json"))
    environment = dict(
        os.environ,
        DO_NOT_TRACK="1",
        CONNECTOR=os.path.abspath(options.exe),
        PATH=commands + os.pathsep + os.environ["PATH"],
    )
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "--connector-image",
            f"{name}:dev",
            "--read-from-streams=all",
            "-k",
            "not backward",
            f"{name}/test_image.py",
        ],
        cwd=work,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    passed = re.search(r"(\d+) passed", done.stdout)
    print(done.stdout.splitlines()[-1] if done.stdout else done.stderr[-500:])
    result.expect(done.returncode == 0, f"the suite failed: {done.stdout[-5000:]}")
    result.expect(passed and int(passed[1]) == PASSED, f"want {PASSED} tests that pass")
    result.finish()


main()
