"""Puts faults into a copy of a folder that penstock package fivetran wrote."""

import json
import os
import shutil

from kit import report

HERE = os.path.dirname(os.path.abspath(__file__))

# The faults of connector.py: the text that each one replaces, and the new text.
CHANGES = {
    "shim_keeps_deleted": ('"DELETE": op.delete', '"DELETE": op.upsert'),
    "shim_good_key": ('if answer["status"] == "FAILURE"', "if False"),
    "shim_no_checkpoint": ('op.checkpoint(message["state"])', "pass"),
    "shim_float": ("return text\n\n    def json", "return str(float(text))\n\n    def json"),
    "shim_last_name": ("self.exact if self.nested else self.fast", "self.fast"),
    "shim_empty": ("not isinstance(text, str) or not text.strip()", "not text"),
    "shim_any_type": ("if type(row.get(name)) not in types", "if False"),
    "shim_any_size": ("smallest <= value <= largest", "True"),
    "shim_rounds": ("if kept != value and not self.warned", "if False"),
    "shim_year_0": ('.startswith("0000-")', '.startswith("x")'),
    "shim_any_row": ("if size > LARGEST_RECORD", "if False"),
    "shim_shows_value": ("reason = type(error).__name__", "reason = error"),
    "shim_text": ("and valid(value)", "and False"),
    "shim_fraction": ("{fraction[:6]:0<6}", "{fraction[:6]}"),
    "shim_silent": ('self.warn(f"{self.place}: {text}")', "pass"),
    "shim_any_line": ('raise Failure(f"the program wrote a line of type', 'print(f"the program wrote a line of type'),
    "shim_cut": ("self.cut = line != END", "self.cut = False"),
    "shim_blank": ('if value != ""', "if True"),
    "shim_any_end": ('if process.last != "STATE"', "if False"),
    "shim_any_status": ("if status < 0", "return\n        if status < 0"),
    "shim_shows_secrets": ('text.replace(secret, "****")', "text"),
    "shim_one_line": ("*text.splitlines()", "text"),
    "shim_no_copy": ("shutil.copyfile(path, os.path.join", "path or (path, os.path.join"),
    "shim_no_mode": ("os.chmod(path, 0o755)", "return path"),
    "shim_no_task": ("op.error(failure.sentence)", "pass"),
    "shim_repeats": ("self.held[0] == self.severe", "False"),
    "shim_cuts_secrets": ("line, rest = self.divided(line)", "pass"),
    "shim_one_spelling": ("return found\n\n\ndef members", "return {secret}\n\n\ndef members"),
    "shim_no_kind": ('self.reported == (self.severe, "configuration")', "False"),
    "shim_no_schema": ("if len(schemas()) == 1", "if True"),
    "shim_no_failure": ("failure = sync(configuration, state)\n", "failure = sync(configuration, state)\n    return\n"),
    "shim_subclass": ("connector = Connector(", 'connector = type("Own", (Connector,), {})('),
}


def apply(folder, path, mutations):
    """Makes the copy at a path. Returns the mutations that are not faults of connector.py, for mutant.py."""
    shutil.copytree(folder, path)
    names = mutations.split(",")
    script = os.path.join(path, "connector.py")
    with open(script, encoding="utf-8") as file:
        text = file.read()
    for name in filter(CHANGES.get, names):
        old, new = CHANGES[name]
        if text.count(old) != 1:
            raise ValueError(f"{name} does not fit connector.py")
        text = text.replace(old, new)
    report.save(script, text)
    rest = [name for name in names if name not in CHANGES]
    if rest:
        replace_program(path)
    return ",".join(rest)


def replace_program(path):
    """Makes a folder run mutant.py, which tells by its name that it is to alter the answers over stdin."""
    inside, declared = os.path.join(path, "bin"), os.path.join(path, "penstock.json")
    for program in os.listdir(inside):
        os.symlink(os.path.join(HERE, "mutant.py"), os.path.join(inside, "hosted-" + program))
    with open(declared, encoding="utf-8") as file:
        package = json.load(file)
    report.save(declared, json.dumps(dict(package, name="hosted-" + package["name"])))
