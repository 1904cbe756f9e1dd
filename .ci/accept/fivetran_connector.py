"""Tests the connector.py of a folder that penstock package fivetran wrote, with programs that write given lines.

Values of each type are converted exactly, or there is a warning. A line that is not of the protocol, a program
that ends too early and a failure each end the sync with a sentence. Needs the packages of the client fivetran.

    fivetran_connector.py FOLDER
"""

import base64
import datetime
import importlib
import json
import os
import platform
import re
import shutil
import signal
import sys
import time
import urllib.parse

from fivetran_connector_sdk import Logging, Operations
from fivetran_connector_sdk import operations as sdk
from fivetran_connector_sdk.schema_processing import process_tables
from kit import report, values
from kit.fivetran_cases import CELLS, ENDS, MISFITS, PACKAGE, STATE

result, work = report.Report(), report.directory()


class Recorder:
    """Stands for the operations of the SDK, or for its log."""

    def __init__(self):
        self.calls = []

    def __getattr__(self, name):
        return lambda *args, **named: self.calls.append((name, *args, *named.values()))

    def said(self, name):
        """Returns the first argument of each call of a function."""
        return [call[1] for call in self.calls if call[0] == name]


def fake(folder, package):
    """Makes a package with the connector.py of a folder. Returns its module."""
    path = os.path.join(work, f"package{time.monotonic_ns()}")
    os.makedirs(os.path.join(path, "bin"))
    shutil.copy(os.path.join(folder, "connector.py"), path)
    report.save(os.path.join(path, "penstock.json"), json.dumps(package))
    sys.path.insert(0, path)
    sys.modules.pop("connector", None)
    module = importlib.import_module("connector")
    sys.path.remove(path)
    machine = module.MACHINES.get(platform.machine(), platform.machine())
    module.fake = os.path.join(path, "bin", f"fake-{sys.platform}-{machine}")
    write(module, "", 0)
    return module


def write(module, lines, status, errors="", before="", then=""):
    """Makes the program of a package write lines, and end with a status."""
    report.save(module.fake + ".out", lines)
    report.save(module.fake + ".err", errors)
    script = f"{before}\n"
    script += f'cat >"$0.request"\ncat "{module.fake}.err" >&2\ncat "{module.fake}.out"\n{then}\nexit {status}'
    report.save(module.fake, f"#!/bin/sh\n{script}\n")
    os.chmod(module.fake, 0o755)


def run(module, configuration=None, state=None):
    """Runs a sync. Returns its failure, the calls of the SDK's operations, and those of its log."""
    recorder, log = Recorder(), Recorder()
    module.op, module.Logging = recorder, log
    module.Delivery.SEND = {"UPSERT": recorder.upsert, "UPDATE": recorder.update, "DELETE": recorder.delete}
    failure = module.sync(configuration or {}, state or {})
    return failure and failure.sentence, recorder, log


def record(column, text, op=""):
    """Returns the line of a record with one value."""
    key = "" if column == "id" else '"id":1,'
    return f'{{"type":"RECORD",{op}"record":{{"s":{{"t":{{{key}"{column}":{text}}}}}}}}}\n'


def older_python(module):
    """Makes times refuse what Python 3.10 refuses."""

    class Time(datetime.datetime):
        @classmethod
        def fromisoformat(cls, text):
            if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3}|\.\d{6})?", text):
                raise ValueError(text)
            return datetime.datetime.fromisoformat(text)

    class Module:
        datetime, date, timezone = Time, datetime.date, datetime.timezone

    module.datetime = Module


def cells(module):
    """Checks the values of each type. A warning comes once for a column."""
    for column, text, want, warning in CELLS:
        write(module, record(column, text) * 2 + STATE, 0)
        failure, op, _ = run(module)
        what = f"{column} {text}"
        if not result.expect(failure is None, f"{what}: {failure}"):
            continue
        rows = [call[2] for call in op.calls if call[0] == "upsert"]
        for row in rows:
            result.expect(values.same(shape(row[column]), want), f"{what}: expected {want!r}, got {row[column]!r}")
        result.expect(len(rows) == 2, f"{what}: {len(rows)} rows, want 2")
        said = op.said("warning")
        right = len(said) == 1 and warning in said[0] and f"s.t.{column}" in said[0] if warning else not said
        result.expect(right, f"{what}: the warnings are {said}, want {warning}")


def repeated(folder):
    """Checks that no member of a JSON object is lost, whichever column has it, and that a warning says so."""
    plain = {"schema": "s", "table": "plain", "primary_key": ["id"], "columns": {"id": "LONG"}}
    module = fake(folder, dict(PACKAGE, tables=[*PACKAGE["tables"], plain]))
    texts = ['{"a": 1, "a": {"b": 0.5, "b": []}}', '[{"a": 1, "a": 1}]']
    texts.append('{"a": 0.12345678901234567890, "a": 1, "c": 2}')
    lines = [record("json", text) for text in texts]
    other = record("id", "1").replace('"t"', '"plain"')
    extra = record("extra", texts[0]).replace('"t"', '"plain"')
    write(module, other + lines[0] * 2 + other + lines[1] + lines[2] + other + extra + extra + STATE, 0)
    failure, op, _ = run(module)
    rows = [call[2] for call in op.calls if call[0] == "upsert"]
    got = [json.dumps(row[column]) for row in rows for column in row if column != "id"]
    want = [texts[0], texts[0], texts[1], texts[2].replace("01234567890", "01234568"), texts[0], texts[0]]
    result.expect(failure is None and got == want, f"repeated names: {failure}, got {got}")
    said = [text for text in op.said("warning") if "a name more than once" in text]
    right = len(said) == 2 and "s.t.json" in said[0] and "s.plain.extra" in said[1]
    result.expect(right, f"repeated names: the warnings are {said}")


def misfits(module):
    """Checks that values that do not fit their type end the sync, with a sentence that does not contain them."""
    for column, text, got in MISFITS:
        write(module, record(column, text) + STATE, 0)
        failure, op, _ = run(module)
        declared = PACKAGE["tables"][0]["columns"][column]
        want = f"table s.t, column {column}: want {declared if isinstance(declared, str) else 'DECIMAL'}, got {got}"
        if ": " not in got:
            want += f": {module.OTHER_TYPE}"
        result.expect(failure == want, f"{column} {text}: the failure is {failure!r}, want {want!r}")
        result.expect(not op.said("checkpoint"), f"{column} {text}: a checkpoint covers a value that was not sent")


def shape(value):
    """Replaces subclasses of float, which only connector.py knows, by floats."""
    if isinstance(value, float):
        return float(value)
    if isinstance(value, list):
        return [shape(item) for item in value]
    return {name: shape(item) for name, item in value.items()} if isinstance(value, dict) else value


def ends(module):
    """Checks how syncs end."""
    for lines, status, text in ENDS:
        write(module, lines, status)
        failure, _, _ = run(module)
        result.expect(failure and text in failure, f"{lines!r}, status {status}: the failure is {failure!r}")
    write(module, STATE, 0, then="kill -TERM $$")
    failure, _, _ = run(module)
    result.expect(failure and "killed by SIGTERM" in failure, f"a killed program: the failure is {failure!r}")


def operations(module):
    """Checks that each operation arrives as what it is, and in order."""
    lines = "".join(record("string", '"x"', op) for op in ("", '"op":"UPDATE",', '"op":"DELETE",'))
    lines += '{"type":"RECORD","op":"TRUNCATE","record":{"s":{"t":{}}}}\n\n' + STATE
    write(module, lines, 0)
    failure, op, _ = run(module)
    row = {"id": 1, "string": "x"}
    want = [("upsert", "t", row), ("update", "t", row), ("delete", "t", row), ("truncate", "t")]
    want.append(("checkpoint", {"cursor": 1}))
    result.expect(failure is None and op.calls == want, f"operations: {failure}, {op.calls}")


def request(module):
    """Checks the request: fields that the form left empty are not sent."""
    write(module, STATE, 0)
    run(module, {"key": "k", "size": ""}, {"a": 1})
    with open(module.fake + ".request", encoding="utf-8") as file:
        got = json.load(file)
    want = {"secrets": {"key": "k"}, "state": {"a": 1}, "selection": {"action": "sync"}}
    result.expect(got == want, f"the request is {got}")

    for text, sent in (
        ('{"x":[1]}', '{"x":[1]}'),
        ('{"x":\n [1,\r\n2]}', '{"x":  [1,  2]}'),
        ("[1.10,1e400,9007199254740993]", "[1.10,1e400,9007199254740993]"),
        ("9" * 5000, "9" * 5000),
        ("5", "5"),
        ('"5"', '"5"'),
        ("true", "true"),
        ("five", '"five"'),
        ("NaN", '"NaN"'),
        ("{x}", '"{x}"'),
        ("[" * 20000, json.dumps("[" * 20000)),
    ):
        write(module, STATE, 0)
        run(module, {"any": text, "size": text, "token": text})
        with open(module.fake + ".request", encoding="utf-8") as file:
            got = file.read()
        want = f'{{"any": {sent}, "size": {json.dumps(text)}, "token": {sent}}}'
        begin = f'{{"secrets": {want}, "state": {{}}, '
        result.expect(got.startswith(begin), f"of a field of JSON, {text[:99]!r} is sent as {got[:300]}")


def messages(module):
    """Checks what the user sees of the program's messages, and that no secret is in them."""
    key, pem = "hush-hush-hush", "-----BEGIN KEY-----\nc2VjcmV0\n"
    errors = (
        '{"time":"t","level":"DEBUG","msg":"a"}\n{"level":"INFO","msg":"b","n":1}\n{"level":"WARN","msg":"c"}\n'
        f'{{"level":"ERROR","msg":"d"}}\n{{"level":1,"msg":[]}}\n[1]\npanic: {key}\n  "c2VjcmV0"\n'
        f'{{"level":"warn","msg":"{key}","key":"{key}"}}\n' + "[" * 20000 + "\n"
        '{"level":"ERROR","msg":"no such key","kind":"configuration"}\n'
    )
    lines = (
        '{"type":"LOG","log":{"level":"WARNING","message":"w"}}\n{"type":"LOG","log":{"level":"INFO","message":"i"}}\n'
    )
    lines += '{"type":"LOG","log":{"level":"WARNING","message":" \\n"}}\n'
    lines += f'{{"type":"SECRETS","secrets":{{"token":"{key}"}}}}\n'
    lines += '{"type":"LOG","log":{"level":"SEVERE","message":"no such key"}}\n'
    write(module, lines, 1, errors)
    failure, op, log = run(module, {"key": json.dumps({"in": [key, pem]})})
    result.expect(failure == "no such key", f"messages: the failure is {failure!r}")
    warnings = op.said("warning")
    right = len(warnings) == 3 and warnings[:2] == ["w", "no reason was given"]
    right = right and "cannot store the new value" in warnings[2] and "token" in warnings[2]
    result.expect(right, f"messages: the warnings are {warnings}")
    said = {name: log.said(name) for name in ("debug", "info", "warning", "error")}
    want = {"debug": ["a"], "info": ["b n=1", "i"], "error": ["d"]}
    want["warning"] = ["c", "[]", "[1]", "panic: ****", '  "****"', "**** key=****", "[" * 20000]
    said["info"].sort()  # standard output and standard error are two pipes
    result.expect(said == want, f"messages: the log is {said}")
    result.expect(key not in str(op.calls) + str(log.calls), "messages: a secret is shown")

    recorder = module.op = Recorder()
    module.sync = lambda *_: module.Failure("fix it", True)
    try:
        module.update({}, {})
        result.problem("a failure did not raise an error")
    except RuntimeError as error:
        chained = error.__cause__ or error.__context__
        result.expect(str(error) == "fix it" and chained is None, f"the error is {error!r}, chained {chained!r}")
    result.expect(recorder.calls == [("error", "fix it")], f"the operations of a failure are {recorder.calls}")


def masks(module):
    """Checks that the log has no secret, in the spellings that connector.py knows and wherever a long line is cut."""
    key = "hush/'\"\\<hush>?hush=hush"
    data = key.encode()
    go = json.dumps(key).replace("<", "\\u003c").replace(">", "\\u003e")
    lines = [f"a {key} b", json.dumps({"level": "INFO", "msg": "nested", "of": {"k": [key]}}), f"body {go}"]
    lines += [f"url ?k={urllib.parse.quote(key, safe='')}&l={urllib.parse.quote_plus(key).lower()}"]
    lines += [f"encoded {base64.b64encode(before + data + b'more').decode()}" for before in (b"", b"x", b"xy")]
    lines += [f"encoded {base64.urlsafe_b64encode(before + data).decode()}" for before in (b"", b"x", b"xy")]
    for size in (1 << 16, 1 << 20, 1 << 21):
        lines += ["-" * (size - cut) + key + "-" * 99 for cut in (0, 1, 9, len(key))]
    write(module, STATE, 0, "\n".join(lines) + "\n")
    failure, _, log = run(module, {"key": key})
    said = "".join(log.said("warning") + log.said("info"))
    spelled = ["hush", "u003c", *(base64.b64encode(before + data).decode()[4:-4] for before in (b"", b"x", b"xy"))]
    for text in spelled:
        result.expect(text not in said.replace("_", "/"), f"masks: the log has {text!r}")
    result.expect(failure is None and said.count("****") == len(lines) + 1, f"masks: {failure}, {said.count('****')}")
    result.expect(said.count("-" * 60000) >= 4, "masks: the rest of the long lines is not in the log")

    key = "hush-hush"
    write(module, STATE, 0, key * 300000 + "\n")
    _, _, log = run(module, {"key": key})
    result.expect("hush" not in str(log.calls), "masks: a line of secrets only is shown")


def faults_of_the_user(module):
    """Checks that a failure of the configuration is told, however long it is and whatever the log has after it."""
    for size in (10, 70000, 900000):
        text = "b" * size
        error = json.dumps({"level": "ERROR", "msg": text, "kind": "configuration"}) + "\n"
        lines = json.dumps({"type": "LOG", "log": {"level": "SEVERE", "message": text}}) + "\n"
        for after in ("", "exit status 1\n", '{"level":"INFO","msg":"closed"}\n', '{"level":"ERROR","msg":"closed"}\n'):
            write(module, lines, 1, error + after)
            module.op, module.Logging = Recorder(), Recorder()
            failure = module.sync({}, {})
            what = f"a failure of {size} characters before {after!r}"
            result.expect(failure and failure.sentence == text, f"{what} is not told")
            result.expect(failure and failure.configuration, f"{what} is not one of the configuration")
            if not after:
                result.expect(not module.Logging.said("error"), f"{what} is logged again")
    error = json.dumps({"level": "ERROR", "msg": "other", "kind": "configuration"}) + "\n"
    write(module, json.dumps({"type": "LOG", "log": {"level": "SEVERE", "message": "b"}}) + "\n", 1, error)
    failure = module.sync({}, {})
    result.expect(failure and not failure.configuration, "a failure has the kind of another one")


def stubborn(module):
    """Checks that a program that does not end by itself is killed if its sync fails."""
    module.PATIENCE = 1
    before = f"trap '' TERM; echo $$ >'{module.fake}.pid'"
    write(module, '{"type":"ROW"}\n', 0, before=before, then="for i in 1 2 3 4 5 6 7 8; do sleep 1; done")
    failure, _, _ = run(module)
    result.expect(failure and "a line of type 'ROW'" in failure, f"a stubborn program: the failure is {failure!r}")
    with open(module.fake + ".pid", encoding="utf-8") as file:
        pid = int(file.read())
    result.expect(not os.path.exists(f"/proc/{pid}"), "a stubborn program outlived its sync")


def children(module):
    """Checks that a sync ends with its program, even if a child of the program holds its pipes open."""
    for what in ("", ">/dev/null", "2>/dev/null"):
        write(module, STATE, 0, before=f"sleep 20 {what} & echo $! >'{module.fake}.pid'")
        began = time.monotonic()
        failure, op, _ = run(module)
        took = time.monotonic() - began
        result.expect(failure is None and op.calls, f"a program with a child: {failure}, {op.calls}")
        result.expect(took < 15, f"a sync waited {took:.0f} seconds for a child of its program")
        with open(module.fake + ".pid", encoding="utf-8") as file:
            os.kill(int(file.read()), signal.SIGKILL)
    write(module, STATE[:-1], 0, before="sleep 20 & child=$!", then="kill $child")
    failure, _, _ = run(module)
    result.expect(failure and "is cut off" in failure, f"a cut line and a child: {failure}")


def modes(module):
    """Checks that a copy runs if the mode of the program cannot be changed."""
    write(module, STATE, 0)
    os.chmod(module.fake, 0o644)
    change = os.chmod

    def refuse(path, mode):
        if path == module.fake:
            raise PermissionError(1, "Operation not permitted")
        change(path, mode)

    module.executable.cache_clear()
    module.os.chmod = refuse
    try:
        failure, op, _ = run(module)
    finally:
        module.os.chmod = change
        module.executable.cache_clear()  # which has the copy
    result.expect(failure is None and op.calls, f"a program whose mode cannot change: {failure}")


def sizes(module):
    """Checks that a row that no message can carry ends the sync with a sentence, and that a smaller one is sent."""
    small, large = 32 << 20, 135 << 20
    for column, text, size in (
        ("string", '"' + "x" * small + '"', None),
        ("string", '"' + "x" * large + '"', large),
        ("json", '["' + "東" * (large // 6) + '"]', large),
    ):
        write(module, record(column, text) + STATE, 0)
        failure, op, _ = run(module)
        what = f"a row of {len(text)} characters of {column}"
        if size is None:
            result.expect(failure is None and op.said("upsert") == ["t"], f"{what}: the failure is {failure!r}")
            continue
        said = re.fullmatch(
            r"table s\.t: a row takes (\d+) bytes in a message, and Fivetran accepts \d+: "
            "split a large column in the connector, or leave it out",
            failure or "",
        )
        result.expect(said and abs(int(said[1]) - size) < 1000, f"{what}: the failure is {failure!r}")
        result.expect(not op.calls, f"{what}: the operations are {op.calls}")


def several_schemas(folder):
    """Checks that tables have a schema only if there are several."""
    two = dict(PACKAGE, tables=[dict(PACKAGE["tables"][0]), dict(PACKAGE["tables"][0], schema="s2")])
    module = fake(folder, two)
    result.expect([table.get("schema") for table in module.schema({})] == ["s", "s2"], "two schemas are not declared")
    write(module, record("string", '"x"') + '{"type":"RECORD","op":"TRUNCATE","record":{"s2":{"t":{}}}}\n' + STATE, 0)
    failure, op, _ = run(module)
    want = [("upsert", "t", {"id": 1, "string": "x"}, "s"), ("truncate", "t", "s2"), ("checkpoint", {"cursor": 1})]
    result.expect(failure is None and op.calls == want, f"two schemas: {failure}, {op.calls}")


def refused_rows(folder):
    """Checks, with the operations of the SDK itself, that a row that it does not take ends the sync."""
    module = fake(folder, PACKAGE)
    process_tables(module.schema({}), {})
    module.Logging.LOG_LEVEL = Logging.Level.CRITICAL
    for column, kind in (("string", " of type STRING"), ("xml", " of type XML"), ("extra", "")):
        write(module, record(column, '"hush \\ud800","binary":"AP8B"') + STATE, 0)
        module.op = Recorder()
        failure = module.sync({}, {})
        want = f"table s.t, column {column}: the Connector SDK does not take a value{kind} "
        want += "(UnicodeEncodeError): emit another value or null"
        result.expect(failure and failure.sentence == want, f"half of a character: {failure and failure.sentence!r}")
        result.expect(not module.op.said("checkpoint"), "a checkpoint covers a row that the SDK does not take")

    def late(_table, row):
        list(row.items())
        raise ValueError("hush")

    write(module, record("string", '"hush"') + STATE, 0)
    send, module.Delivery.SEND = module.Delivery.SEND, {"UPSERT": late}
    failure = module.sync({}, {})
    module.Delivery.SEND = send
    want = "table s.t: the Connector SDK does not take a row (ValueError): emit another value or null"
    result.expect(failure and failure.sentence == want, f"a row that the SDK refuses: {failure and failure.sentence!r}")
    row = {"id": 1, "double": module.Decoder().decode(b"0.12345678901234567890"), "json": {"a": 1.5}}
    mapped = sdk._map_data_to_columns(row, sdk._get_columns(None, "t"))
    result.expect(mapped["double"].double == 0.12345678901234567890, f"the SDK has {mapped['double']}")
    decoder = module.Decoder()
    decoder.nested = True
    row = {"id": 1, "json": decoder.decode(b'{"a": 1, "a": 2}'), "extra": decoder.decode(b'[{"a": 1, "a": 2}]')}
    mapped = sdk._map_data_to_columns(row, sdk._get_columns(None, "t"))
    right = mapped["json"].json == '{"a": 1, "a": 2}' and mapped["extra"].json == '[{"a": 1, "a": 2}]'
    result.expect(right, f"of an object that repeats a name, the SDK has {mapped}")
    result.expect(Operations.operation_stream._queue.empty(), "a row that does not fit was sent")


def main():
    parser = report.parser(__doc__)
    parser.add_argument("folder", type=os.path.abspath)
    folder = parser.parse_args().folder
    module = fake(folder, PACKAGE)
    result.expect("schema" not in module.schema({})[0], "the only schema is declared")
    older_python(module)
    cells(module)
    module = fake(folder, PACKAGE)
    cases = (misfits, sizes, ends, operations, request, modes, children, stubborn, masks, faults_of_the_user, messages)
    for case in cases:
        case(module)
    repeated(folder)
    several_schemas(folder)
    refused_rows(folder)
    print(f"{len(CELLS)} values, {len(MISFITS)} that do not fit, {len(ENDS)} ends")
    result.finish()


main()
