"""The result of a test: its problems, its last line and its exit status."""

import argparse
import atexit
import os
import shutil
import sys
import tempfile

SHOWN = 50  # problems at most
SHOWN_OF_COLUMN = 3  # rows at most; a fault in one column would fill pages


class Report:
    """Collects the problems that a test finds."""

    def __init__(self):
        self.problems = {}  # how often each was found

    def problem(self, text):
        """Adds a problem. It is one line of the output."""
        text = " ".join(text.splitlines())
        self.problems[text] = self.problems.get(text, 0) + 1

    def expect(self, condition, text):
        """Adds a problem unless the condition holds. Returns the condition."""
        if not condition:
            self.problem(text)
        return condition

    def columns(self, differences):
        """Adds the first differences of each column. The argument has them by the name of the column."""
        for column, found in differences.items():
            for text in found[:SHOWN_OF_COLUMN]:
                self.problem(text)
            if len(found) > SHOWN_OF_COLUMN:
                self.problem(f"and {len(found) - SHOWN_OF_COLUMN} more rows differ in {column}")

    def finish(self):
        """Prints the problems and OK or FAILED, and ends the process with status 0 or 1."""
        for text, count in list(self.problems.items())[:SHOWN]:
            print(f"PROBLEM: {text}" + (f" ({count} times)" if count > 1 else ""))
        if len(self.problems) > SHOWN:
            print(f"PROBLEM: and {len(self.problems) - SHOWN} more problems")
        print("FAILED" if self.problems else "OK", flush=True)
        sys.exit(bool(self.problems))


def parser(doc):
    """Returns a parser of the command line whose help is the script's documentation."""
    return argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)


def directory():
    """Returns a temporary directory that exists until the process ends."""
    path = tempfile.mkdtemp(prefix="accept-")
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


def save(path, text):
    """Writes a file and returns its path."""
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return os.path.abspath(path)
