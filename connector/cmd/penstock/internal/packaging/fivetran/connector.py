"""Runs the connector in bin/ under Fivetran's Connector SDK.

This file is the same for every connector that `penstock package fivetran` packages. The form, the tables
and the types of their columns are in penstock.json. The program in bin/ reads one request from its standard
input and writes lines of JSON: records, states and messages. This file turns them into the SDK's operations.
"""

import atexit
import base64
import datetime
import decimal
import functools
import json
import os
import platform
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import urllib.parse

from fivetran_connector_sdk import ConfigurationForm, Connector, Logging, Test, form_field
from fivetran_connector_sdk import Operations as op

HERE = os.path.dirname(os.path.abspath(__file__))
MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
SHOWN = {"name", "label", "description", "required", "placeholder"}  # what each field of the form has
PATIENCE = 20  # seconds that the program has to end after SIGTERM
LONGEST_ENTRY = 1 << 20  # bytes of a line of the log that are read together
LONGEST_LOG = 1 << 16  # characters of it that are logged together
SHORTEST_MASKED = 6  # shorter secrets would match a log's text by chance
LARGEST_LONG = 2**63 - 1
END = b"\0end\n"  # follows the last byte of the program in its pipes: no JSON and no log has a NUL
LARGEST_EXPONENT = 4000  # Python prints no integer of more than 4300 digits
AS_TEXT = "deliver it as text, in a column of type STRING"
FLOAT = struct.Struct("<f")
LARGEST_RECORD = (128 << 20) - 200_000  # bytes; a message has 128 MiB, and the SDK may put 100 kB before the record
LARGE_LINE = LARGEST_RECORD // 12  # characters; each may become 12 bytes of JSON
NOTHING = type(None)
EXACT = {  # the types of the values that need no conversion
    "STRING": {str, NOTHING},
    "XML": {str, NOTHING},
    "BOOLEAN": {bool, NOTHING},
    "DOUBLE": {float, NOTHING},
}
LARGEST = {"SHORT": 2**15 - 1, "INT": 2**31 - 1, "LONG": LARGEST_LONG}
TIMES = {"NAIVE_DATE", "NAIVE_DATETIME", "UTC_DATETIME"}
YEARS = "Fivetran accepts the years 1 to 9999: emit null instead, or declare the column as STRING"
OTHER_TYPE = (
    "if the connector now declares another type, run penstock package fivetran again, with -configuration if the types "
    "depend on the configuration, and deploy the whole folder"
)

with open(os.path.join(HERE, "penstock.json"), encoding="utf-8") as file:
    PACKAGE = json.load(file)


class Failure(Exception):
    """A failure in a sentence for the user. The user can fix it if it is one of the configuration."""

    def __init__(self, sentence, configuration=False):
        super().__init__(sentence)
        self.sentence, self.configuration = sentence, configuration


# JSON


class Number(float):
    """A number that Python would write with other digits than the program did."""

    __slots__ = ("exact", "text")


class Huge:
    """A number that Python cannot write as a number."""

    __slots__ = ("text",)

    def __init__(self, text):
        self.text = text

    def __repr__(self):
        return self.text


class Repeated(dict):
    """An object that has a name more than once. The SDK's encoder writes all members, because it asks for items."""

    __slots__ = ("members",)

    def items(self):
        return self.members


class Decoder:
    """Decodes JSON.

    If nested is true, objects that repeat a name become Repeated, which takes longer. After a call of decode, kept says
    whether there was a value of the classes above.
    """

    def __init__(self):
        self.kept = self.nested = False
        self.text = ""  # of the last line
        hooks = {"parse_float": self.number, "parse_constant": self.constant}
        self.fast = json.JSONDecoder(**hooks).decode
        self.exact = json.JSONDecoder(object_pairs_hook=self.object, **hooks).decode
        self.slow = json.JSONDecoder(object_pairs_hook=self.object, parse_int=self.integer, **hooks).decode

    def decode(self, line):
        self.text = line.decode().strip()
        return self.again()

    def again(self):
        """Decodes the last line, also if nested has changed."""
        self.kept = False
        try:
            return (self.exact if self.nested else self.fast)(self.text)
        except ValueError:
            return self.slow(self.text)  # it may have an integer of more digits than Python takes

    def keep(self, value):
        self.kept = True
        return value

    def object(self, members):
        """Decodes an object."""
        value = dict(members)
        if len(value) == len(members):
            return value
        kept = self.keep(Repeated(value))
        kept.members = members
        return kept

    def integer(self, text):
        """Decodes a number without a fraction and an exponent."""
        try:
            return int(text)
        except ValueError:
            return self.keep(Huge(text))

    def number(self, text):
        """Decodes a number with a fraction or an exponent, and keeps its digits if a float does not."""
        value = float(text)
        if repr(value) == text:
            return value
        try:
            digits = decimal.Decimal(text)
        except decimal.InvalidOperation:  # the exponent has too many digits
            digits = None
        if value in (float("inf"), float("-inf")):
            if digits is None or digits.adjusted() > LARGEST_EXPONENT or int(digits) != digits:
                return self.keep(Huge(text))
            return int(digits)
        kept = self.keep(Number(value))
        kept.text, kept.exact = text, digits is not None and digits == decimal.Decimal(repr(value))
        return kept

    @staticmethod
    def constant(text):
        raise ValueError(f"{text} is not JSON")


def special(value):
    """Returns the values in a JSON value that are Numbers, Huge or Repeated. The value may be nested to any depth."""
    found, rest = [], [value]
    while rest:
        value = rest.pop()
        if type(value) in (Number, Huge, Repeated):
            found.append(value)
        if isinstance(value, dict):
            rest.extend(item for _, item in value.items())
        elif isinstance(value, list):
            rest.extend(value)
    return found


def rounds(values):
    """Reports whether a special value is a number with more digits than the SDK keeps."""
    return any(type(value) is Huge or type(value) is Number and not value.exact for value in values)


def too_deep(text):
    """Returns a sentence about a line with a value that is nested too deep for Python."""
    names, place, depth = [], [], 0  # names has the last text in each open object: the name of a member
    for token in re.findall(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', text):
        if token in ("[", "{"):
            names.append('""')
            if len(names) > depth:
                place, depth = names[:4], len(names)
        elif token in ("]", "}"):
            del names[-1:]
        elif names:
            names[-1] = token
    if place[:1] != ['"record"']:
        return "a line of the program's answer is nested too deep for Python"
    column = ".".join(map(json.loads, place[1:]))
    return f"column {column}: a JSON value is nested {depth - 4} levels deep, which is too deep for Python: {AS_TEXT}"


# Rows


class Misfit(Exception):
    """A value that does not fit the type of its column. The texts say what the value is and what to do, without it."""

    def __init__(self, got, advice=OTHER_TYPE):
        super().__init__(got, advice)
        self.got, self.advice = got, advice


def kind(value):
    """Returns the name of the kind of a JSON value."""
    for types, name in (((str,), "string"), ((bool,), "boolean"), ((int, float, Huge), "number"), ((list,), "array")):
        if isinstance(value, types):
            return name
    return "object"


class Column:
    """A column of a table. Its method of the name of a type converts values of that type, or checks them."""

    def __init__(self, table, name, declared, warn):
        self.table, self.name, self.place = table, name, f"{table}.{name}"
        self.warn, self.warned = warn, set()
        if isinstance(declared, dict):
            self.type, self.scale = declared["type"], declared["scale"]
            self.whole = declared["precision"] - declared["scale"]
        else:
            self.type = declared
        self.convert = getattr(self, self.type.lower())

    def once(self, text):
        """Warns the user, once for each text."""
        if text not in self.warned:
            self.warned.add(text)
            self.warn(f"{self.place}: {text}")

    def refuse(self, value):
        raise Misfit(kind(value))

    # The values that fit are not passed to these methods.
    string = xml = boolean = refuse

    def integer(self, value):
        """Refuses a value that is no integer of the type's range."""
        raise Misfit("a number out of its range" if type(value) in (int, Huge) else kind(value))

    short = int = long = integer

    def float(self, value):
        self.number(value)
        try:
            (kept,) = FLOAT.unpack(FLOAT.pack(value))
        except OverflowError:
            raise Misfit("a number out of its range") from None
        # The shortest text of a 32-bit float has nine digits at most, and the least one has a single digit: 1e-45.
        if kept != value and not self.warned and all(float(f"{kept:.{digits}g}") != value for digits in range(1, 10)):
            self.once(
                "numbers have more digits than a FLOAT keeps, which has 32 bits; they are rounded: if you need all "
                "digits, declare the column as DOUBLE, run penstock package fivetran again and deploy the whole folder"
            )
        return value

    def double(self, value):
        self.number(value)
        try:
            kept = float(value)
        except OverflowError:
            raise Misfit("a number out of its range") from None
        # The program writes a float of less than 1e21 as the shortest digits that name it, followed by zeros.
        if type(value) is int and int(kept) != value and decimal.Decimal(repr(kept)) != value:
            self.once(f"integers have more digits than a DOUBLE keeps; they are rounded: {OTHER_TYPE}")
        return value

    def number(self, value):
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise Misfit("a number out of its range" if type(value) is Huge else kind(value))

    def naive_date(self, value):
        if len(value) != len("2006-01-02") or value[7] != "-":  # fromisoformat may take other formats
            raise ValueError("the date is not of the form 2006-01-02")
        return datetime.date.fromisoformat(value)

    def naive_datetime(self, value):
        # Before Python 3.11, fromisoformat takes no fraction but one of 3 or 6 digits.
        seconds, point, fraction = value.partition(".")
        if len(seconds) != len("2006-01-02T15:04:05") or seconds[7] != "-":  # it may have a zone
            raise ValueError("the time is not of the form 2006-01-02T15:04:05")
        if point:
            if not fraction.isdigit():
                raise ValueError("the fraction of a second is not a number")
            if fraction[6:].strip("0"):
                self.once("times have nanoseconds, which the Connector SDK does not keep; they are cut to microseconds")
            seconds = f"{seconds}.{fraction[:6]:0<6}"
        return datetime.datetime.fromisoformat(seconds)

    def utc_datetime(self, value):
        if not value.endswith("Z"):
            raise ValueError("the time does not end with Z")
        return self.naive_datetime(value[:-1]).replace(tzinfo=datetime.timezone.utc)

    def binary(self, value):
        return base64.b64decode(value, validate=True)

    def decimal(self, value):
        text = value if isinstance(value, str) else getattr(value, "text", None) or repr(value)
        whole, _, fraction = text.lstrip("+-").partition(".")
        if len(whole) > self.whole or len(fraction) > self.scale or not (whole + fraction).isdigit():
            if "_" in text or text.strip() != text:  # which Decimal takes
                raise ValueError("the value is not a number")
            digits = decimal.Decimal(text)
            if not digits.is_finite():
                raise ValueError("the value is not a number")
            normal = digits.normalize(decimal.Context(prec=max(len(text), 1)))
            if normal.adjusted() >= self.whole and normal or -normal.as_tuple().exponent > self.scale:
                self.once(
                    f"decimals have more digits than DECIMAL({self.whole + self.scale},{self.scale}); they are sent "
                    "as they are, and the destination may round or refuse them: declare a larger precision or scale"
                )
        return text

    def json(self, value):
        values = special(value)
        kinds = set(map(type, values))
        if Huge in kinds:
            raise Failure(
                f"column {self.place}: a number in JSON is too large or has too many digits for Python: {AS_TEXT}"
            )
        if rounds(values):
            self.once("numbers in JSON have more digits than the Connector SDK keeps; they are rounded")
        if Repeated in kinds:
            self.once(
                "objects in JSON have a name more than once; they are sent as they are, and the destination may refuse "
                f"them or keep one value of the name: if you need all, {AS_TEXT}"
            )
        return value

    def undeclared(self, value):
        """Converts a value of a column that the schema does not have. The SDK keeps 32 bits of a float."""
        self.once("the packaged schema does not have this column, so its type is inferred and numbers may become text")
        if isinstance(value, (float, Huge)):
            return getattr(value, "text", None) or repr(value)
        if type(value) is int and abs(value) > LARGEST_LONG:
            return str(value)
        return self.json(value)


class Table:
    """A table of the packaged schema."""

    def __init__(self, declared, warn):
        self.name, self.schema, self.warn = declared["table"], declared["schema"], warn
        self.place = f"{self.schema}.{self.name}"
        self.columns = {name: Column(self.place, name, kind, warn) for name, kind in declared["columns"].items()}
        self.known = self.columns.keys()
        self.exact, self.integers, self.converted = [], [], []
        for name, column in self.columns.items():
            if column.type in EXACT:
                self.exact.append((name, column, EXACT[column.type]))
            elif column.type in LARGEST:
                self.integers.append((name, column, -LARGEST[column.type] - 1, LARGEST[column.type]))
            elif column.type != "JSON":
                self.converted.append((name, column))
        self.json = [(name, column) for name, column in self.columns.items() if column.type == "JSON"]
        self.nested = bool(self.json)  # the rows have JSON
        self.added = {}  # undeclared columns

    def undeclared(self, row):
        """Returns the names of the undeclared columns of a row."""
        if row.keys() <= self.known:
            return ()
        names = sorted(row.keys() - self.known)
        self.nested = self.nested or any(isinstance(row[name], (dict, list)) for name in names)
        return names

    def convert(self, row, undeclared, kept):
        """Converts the values of a row in place. Only if kept is true, JSON may hold special values."""
        for name, column, types in self.exact:
            if type(row.get(name)) not in types:
                self.cell(row, name, column, column.convert)
        for name, column, smallest, largest in self.integers:
            value = row.get(name)
            if value is not None and not (type(value) is int and smallest <= value <= largest):
                self.cell(row, name, column, column.convert)
        for name, column in self.converted + self.json if kept else self.converted:
            value = row.get(name)
            if value is not None:
                self.cell(row, name, column, column.convert)
        for name in undeclared:
            column = self.added.setdefault(name, Column(self.place, name, "undeclared", self.warn))
            if row[name] is not None:
                self.cell(row, name, column, column.undeclared)

    def measure(self, row):
        """Refuses a row that no message can carry. The values are converted."""
        size = 0
        for name, value in row.items():
            if isinstance(value, (dict, list)):
                value = json.dumps(value)
            if isinstance(value, str):
                size += len(value.encode(errors="surrogatepass"))
            size += len(name.encode(errors="surrogatepass")) + (len(value) if isinstance(value, bytes) else 0) + 32
        if size > LARGEST_RECORD:
            raise Failure(
                f"table {self.place}: a row takes {size} bytes in a message, and Fivetran accepts {LARGEST_RECORD}: "
                "split a large column in the connector, or leave it out"
            )

    def cell(self, row, name, column, convert):
        try:
            row[name] = convert(row[name])
            return
        except Misfit as misfit:
            found = misfit
        except (ArithmeticError, AttributeError, TypeError, ValueError):  # whose texts may have the value
            found = Misfit(kind(row[name]))
            if column.type in TIMES and str(row[name]).startswith("0000-"):
                found = Misfit("a time in the year 0", YEARS)
        raise Failure(f"table {self.place}, column {name}: want {column.type}, got {found.got}: {found.advice}")


class Traced(dict):
    """A row that tells which value the SDK is converting."""

    column = None

    def items(self):
        for self.column, value in super().items():
            yield self.column, value
        self.column = None  # the SDK has converted them all


class Delivery:
    """Turns records into operations of the SDK."""

    SEND = {"UPSERT": op.upsert, "UPDATE": op.update, "DELETE": op.delete}

    def __init__(self, warn):
        self.tables = {(table["schema"], table["table"]): Table(table, warn) for table in PACKAGE["tables"]}
        self.qualified = len(schemas()) > 1

    def parts(self, message):
        """Returns the name of the schema, the name of the table and the row of a record."""
        try:
            ((schema_name, by_table),) = message["record"].items()
            ((name, row),) = by_table.items()
            if type(row) is not dict:
                raise TypeError("the row is not an object, or has a column twice")
        except (AttributeError, KeyError, TypeError, ValueError):
            raise Failure("the program wrote a record that does not follow the protocol") from None
        return schema_name, name, row

    def record(self, message, decoder):
        """Sends a record, which the decoder has just decoded."""
        schema_name, name, row = self.parts(message)
        table = self.tables.get((schema_name, name))
        if table is None:
            raise Failure(
                f"table {schema_name}.{name} is not in the packaged schema, so its primary key is not known: "
                "run penstock package fivetran again, with -configuration if the tables depend on the configuration"
            )
        where = {"schema": schema_name} if self.qualified else {}
        kind = message.get("op", "UPSERT")
        if kind == "TRUNCATE":
            op.truncate(name, **where)
            return
        if kind not in self.SEND:
            raise Failure(f"the program wrote a record with the operation {kind!r}, which this package does not know")
        undeclared = table.undeclared(row)
        if decoder.nested != table.nested:
            decoder.nested = table.nested  # the next row is most likely one of the same table
            if table.nested:
                _, _, row = self.parts(decoder.again())
        table.convert(row, undeclared, decoder.kept)
        try:
            if len(decoder.text) > LARGE_LINE:
                table.measure(row)
            self.SEND[kind](name, row, **where)
        except RecursionError:
            raise Failure(too_deep(decoder.text)) from None
        except (OverflowError, TypeError, ValueError) as error:
            raise self.refused(error, kind, table, row, where) from None

    def refused(self, error, kind, table, row, where):
        """Returns the failure for a row that the SDK does not take. The text of the SDK's error may have a value."""
        traced = Traced(row)
        try:
            self.SEND[kind](table.name, traced, **where)
        except (OverflowError, TypeError, ValueError):
            pass  # as before
        place, what = f"table {table.place}", "a row"
        if traced.column is not None:
            place, what = f"{place}, column {traced.column}", "a value"
            if traced.column in table.columns:
                what = f"a value of type {table.columns[traced.column].type}"
        reason = type(error).__name__
        return Failure(f"{place}: the Connector SDK does not take {what} ({reason}): emit another value or null")


# The program


AGAIN = (
    "run penstock package fivetran again and deploy the whole folder; no .gitignore in it, or of the repository that "
    "it was cloned from, may name bin/"
)


def programs():
    """Returns the names of the programs in the package."""
    folder = os.path.join(HERE, "bin")
    return sorted(os.listdir(folder)) if os.path.isdir(folder) else []


def program():
    """Returns the path of the program for this machine."""
    system, machine = sys.platform, MACHINES.get(platform.machine().lower(), platform.machine().lower())
    path = os.path.join(HERE, "bin", f"{PACKAGE['name']}-{system}-{machine}")
    if not os.path.isfile(path):
        raise Failure(
            f"the program bin/{os.path.basename(path)} is missing from the package, which has "
            f"{', '.join(programs()) or 'no program'}: {AGAIN}"
        )
    try:
        return executable(path)
    except OSError as error:
        raise Failure(f"the program bin/{os.path.basename(path)} cannot be made executable: {error.strerror}") from None


@functools.cache
def executable(path):
    """Returns the path, or that of a copy if the file is not executable and its mode cannot be changed."""
    if not os.access(path, os.X_OK):
        try:
            os.chmod(path, 0o755)
        except OSError:
            pass  # the copy has its own mode
    if os.access(path, os.X_OK):
        return path
    directory = tempfile.mkdtemp(prefix="penstock-")
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    copy = shutil.copyfile(path, os.path.join(directory, os.path.basename(path)))
    os.chmod(copy, 0o700)
    return copy


def texts(value):
    """Yields the texts in a value, and in the JSON that a text may hold."""
    if isinstance(value, str):
        yield value
        if value[:1] in ("{", "["):
            try:
                yield from texts(json.loads(value))
            except (RecursionError, ValueError):
                pass  # it only looks like JSON
    elif isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from texts(item)


def spellings(secret):
    """Returns the ways in which a log may write a secret: as it is, in JSON, in a URL and in Base64."""
    data = secret.encode(errors="surrogatepass")
    found = {secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    for character in "<>&":  # as Go writes JSON
        found.update([text.replace(character, f"\\u{ord(character):04x}") for text in found])
    for quoted in (urllib.parse.quote(data, safe=""), urllib.parse.quote(data), urllib.parse.quote_plus(data)):
        found.update((quoted, re.sub("%[0-9A-F]{2}", lambda escape: escape[0].lower(), quoted)))
    for before in range(3):  # in Base64, the secret may follow other bytes, and others may follow it
        begin, end = (before * 8 + 5) // 6, (before + len(data)) * 8 // 6
        text = base64.b64encode(bytes(before) + data).decode()[begin:end]
        found.update((text, text.replace("+", "-").replace("/", "_")))
    return found


def members(secrets):
    """Returns the JSON object of the values of a form. A field of any JSON takes the JSON in its text as it is."""
    takes_json = {field["name"] for field in PACKAGE["fields"] if field.get("json")}
    values = []
    for name, value in secrets.items():
        is_json = name in takes_json and isinstance(value, str) and valid(value)
        # White space is the only place of a line break in JSON.
        text = value.replace("\r", " ").replace("\n", " ") if is_json else json.dumps(value)
        values.append(f"{json.dumps(name)}: {text}")
    return f"{{{', '.join(values)}}}"


def valid(text):
    """Reports whether a text is JSON."""
    try:
        json.loads(text, parse_int=str, parse_float=str, parse_constant=Decoder.constant)
    except (RecursionError, TypeError, ValueError):
        return False
    return True


class Process:
    """Runs the program for one request. Used in a with statement, it leaves no process behind."""

    def __init__(self, action, configuration, state, warn):
        # A form sends an empty text for a field that the user left empty.
        secrets = {name: value for name, value in configuration.items() if value != ""}
        rest = json.dumps({"state": state, "selection": {"action": action}})
        self.request, self.warn = f'{{"secrets": {members(secrets)}, {rest[1:]}'.encode(), warn
        hidden = [secrets[field["name"]] for field in PACKAGE["fields"] if field["secret"] and field["name"] in secrets]
        # A log shows a secret of several lines, such as a private key, line by line.
        parts = {part.strip() for text in texts(hidden) for part in [text, *text.splitlines()]}
        shown = {spelling for part in parts if len(part) >= SHORTEST_MASKED for spelling in spellings(part)}
        self.hidden = sorted((text for text in shown if len(text) >= SHORTEST_MASKED), key=len, reverse=True)
        self.severe = self.held = None
        self.reported = None  # the text and the kind of the last failure in the log
        self.decoder, self.cut, self.last = Decoder(), False, None

    def __enter__(self):
        path = program()
        (stdout, self.out), (stderr, self.err) = os.pipe(), os.pipe()
        self.stdout, self.stderr = open(stdout, "rb", 1 << 18), open(stderr, "rb", 1 << 18)
        try:
            self.process = subprocess.Popen(
                [path],
                stdin=subprocess.PIPE,
                stdout=self.out,
                stderr=self.err,
                env=dict(os.environ, PENSTOCK_LOG_FORMAT="json"),
            )
        except OSError as error:
            for pipe in (self.out, self.err):
                os.close(pipe)
            self.stdout.close()
            self.stderr.close()
            name = os.path.basename(path)
            raise Failure(f"the program bin/{name} does not start on this machine: {error.strerror}") from None
        self.logger = threading.Thread(target=self.log, daemon=True)
        self.waiter = threading.Thread(target=self.wait, daemon=True)
        self.logger.start()
        self.waiter.start()
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            self.process.terminate()
            self.stdout.close()
            self.waiter.join(PATIENCE)
            if self.waiter.is_alive():
                self.process.kill()
        self.waiter.join()
        self.logger.join()
        self.stdout.close()
        self.stderr.close()

    def wait(self):
        """Waits for the program and ends its pipes, which a child of it may hold open."""
        self.process.wait()
        # In the log, END is a line of its own, so that it is read as a whole.
        for pipe, end in ((self.err, b"\n" + END), (self.out, END)):
            try:
                os.write(pipe, end)
            except BrokenPipeError:
                pass  # the answer is not read to its end
            os.close(pipe)

    def messages(self):
        """Yields the type and the content of each line but those that are for the user."""
        try:
            with self.process.stdin as stdin:
                stdin.write(self.request)
        except BrokenPipeError:
            pass  # the program has ended, and its status says more
        for count, line in enumerate(self.stdout, 1):
            if line.endswith(END) or not line.endswith(b"\n"):
                self.cut = line != END
                return
            if line.isspace():
                continue
            try:
                message = self.decoder.decode(line)
                kind = message.get("type")
            except RecursionError:
                raise Failure(too_deep(self.decoder.text)) from None
            except (AttributeError, ValueError) as error:
                raise Failure(f"line {count} of the program's answer does not follow the protocol: {error}") from None
            if self.severe is not None:
                raise Failure(f"the program went on after its failure: {self.severe}")
            self.last = kind
            if kind == "LOG":
                self.tell(message)
            elif kind == "SECRETS":
                self.replaced(message)
            else:
                yield kind, message

    def tell(self, message):
        log = message.get("log") or {}
        level, text = log.get("level"), log.get("message")
        if not isinstance(text, str) or not text.strip():
            text = "no reason was given"  # the SDK takes no empty text
        if level == "SEVERE":
            self.severe = text
        elif level == "WARNING":
            self.warn(text)
        elif level == "INFO":
            Logging.info(text)
        else:
            raise Failure(f"the program wrote a message of level {level!r}, which this package does not know")

    def replaced(self, message):
        names = ", ".join(sorted(message.get("secrets") or {}))
        self.warn(
            f"the source replaced the value of {names}, and a Connector SDK connector cannot store the new value: "
            "the next sync sends the old one; if it fails, enter a new value in the connection's setup form"
        )

    def log(self):
        """Logs the program's standard error. The last error is held back: it may repeat the failure."""
        rest = b""
        for line in iter(lambda: self.stderr.readline(LONGEST_ENTRY), END):
            line, rest = rest + line, b""
            if not line.endswith(b"\n"):
                line, rest = self.divided(line)
            text = line.decode(errors="replace").rstrip()
            try:
                if text:
                    self.release()
                    self.entry(text)
            except Exception:
                pass  # it cannot be printed; the program would stop if nothing read its log

    def divided(self, line):
        """Divides the begin of a line that is too long, but not within a secret."""
        secrets = [text.encode(errors="surrogatepass") for text in self.hidden]
        end = len(line) - max(map(len, secrets), default=0)  # the end of the line may be the begin of a secret
        moved = True
        while moved:
            moved = False
            for secret in secrets:
                begin = line.find(secret, max(end - len(secret) + 1, 0), end + len(secret) - 1)
                if -1 < begin < end:
                    end, moved = begin, True
        # A line of secrets only is not kept: they are masked, and the next one is whole.
        return (line[:end], line[end:]) if end > 0 else (line, b"")

    def entry(self, text):
        """Logs a line, which may be JSON. A package that the program uses may log secrets."""
        try:
            entry = json.loads(text)
            level, said = str(entry["level"]).upper(), str(entry["msg"])
        except (KeyError, RecursionError, TypeError, ValueError):
            self.show(Logging.warning, self.masked(text))
            return
        rest = [
            f"{k}={v if isinstance(v, str) else json.dumps(v, ensure_ascii=False)}"
            for k, v in entry.items()
            if k not in ("time", "level", "msg")
        ]
        shown = self.masked(" ".join([said, *rest]))
        if level.startswith("ERROR"):
            self.held = (said, shown)
            if "kind" in entry:
                self.reported = (said, entry["kind"])
        elif level.startswith("INFO"):
            self.show(Logging.info, shown)
        elif level.startswith("DEBUG"):
            self.show(Logging.debug, shown)
        else:
            self.show(Logging.warning, shown)

    def show(self, log, text):
        for begin in range(0, len(text), LONGEST_LOG):
            log(text[begin : begin + LONGEST_LOG])

    def masked(self, text):
        for secret in self.hidden:
            text = text.replace(secret, "****")
        return text

    def release(self):
        if self.held is not None:
            self.show(Logging.error, self.held[1])
            self.held = None

    def finish(self):
        """Waits for the end of the program and raises a Failure unless it succeeded."""
        self.waiter.join()
        self.logger.join()
        status = self.process.returncode
        of_configuration = self.reported == (self.severe, "configuration")
        if self.held is not None and self.held[0] == self.severe:
            self.held = None
        self.release()
        if self.severe is not None:
            raise Failure(self.severe, of_configuration)
        if status < 0:
            name = signal.Signals(-status).name if -status in iter(signal.Signals) else f"signal {-status}"
            memory = ", as happens if memory runs out" if name == "SIGKILL" else ""
            raise Failure(
                f"the program was killed by {name}{memory} (status {status}); the next sync resumes from the last "
                "checkpoint"
            )
        if status != 0:
            raise Failure(f"the program ended with status {status} and without a reason; its log may have one")
        if self.cut:
            raise Failure("the last line of the program's answer is cut off")


def sync(configuration, state):
    """Runs a sync. Returns its failure, or None."""
    try:
        with Process("sync", configuration, state, op.warning) as process:
            delivery = Delivery(op.warning)
            for kind, message in process.messages():
                if kind == "RECORD":
                    delivery.record(message, process.decoder)
                elif kind == "STATE":
                    if not isinstance(message.get("state"), dict) or rounds(special(message["state"])):
                        raise Failure("the state is not an object, or has a number that the Connector SDK would round")
                    op.checkpoint(message["state"])
                else:
                    raise Failure(f"the program wrote a line of type {kind!r}, which this package does not know")
            process.finish()
            if process.last != "STATE":
                raise Failure("the program ended before its last state; the next sync resumes from the last checkpoint")
    except Failure as failure:
        return failure
    except Exception as error:  # of the SDK
        Logging.error("the sync ended with an unexpected error", error)
        return Failure(f"{type(error).__name__}: {error}")
    return None


def schemas():
    return {table["schema"] for table in PACKAGE["tables"]}


# The functions that the SDK calls


def configuration_form():
    # The SDK asks for the form when it makes an archive, which would lack the programs silently.
    if not programs():
        raise RuntimeError(f"the folder has no program in bin/: {AGAIN}")
    form = ConfigurationForm()
    for field in PACKAGE["fields"]:
        text = {name: field[name] for name in field.keys() & SHOWN}
        if field["kind"] == "toggle":
            form.add_field(form_field.ToggleField(**text))
        elif field["kind"] == "dropdown":
            choices = [form_field.DropdownFieldParam(value=choice) for choice in field["choices"]]
            form.add_field(form_field.DropdownField(fields=choices, **text))
        else:
            kind = form_field.TextField.password if field["kind"] == "password" else form_field.TextField.plain_text
            form.add_field(form_field.TextField(field_type=kind, **text))
    form.add_test(label="Test the connection", func=test_connection)
    return form


def test_connection(configuration):
    answer = None
    try:
        with Process("test", configuration, {}, Logging.warning) as process:
            for _, answer in process.messages():
                pass
            process.finish()
    except Failure as failure:
        return Test.failure(failure.sentence)
    if not answer or answer.get("status") not in ("SUCCESS", "FAILURE"):
        return Test.failure("the program ended without an answer to the test")
    if answer["status"] == "FAILURE":
        return Test.failure(answer.get("message") or "the program gave no reason")
    return Test.success()


def schema(configuration):
    tables = [dict(table) for table in PACKAGE["tables"]]
    if len(schemas()) == 1:
        for table in tables:
            del table["schema"]
    return tables


def update(configuration, state):
    failure = sync(configuration, state)
    if failure is not None:
        if failure.configuration:
            op.error(failure.sentence)  # the user's task; the error below ends the sync even if nobody reads it
        raise RuntimeError(failure.sentence)


connector = Connector(update=update, schema=schema, configuration_form=configuration_form)
