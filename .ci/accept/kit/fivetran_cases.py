"""The package, the values and the lines with which fivetran_connector.py tests connector.py."""

import datetime

UTC = datetime.timezone.utc
COLUMNS = {
    "id": "LONG",
    "bool": "BOOLEAN",
    "short": "SHORT",
    "int": "INT",
    "float": "FLOAT",
    "double": "DOUBLE",
    "decimal": {"type": "DECIMAL", "precision": 5, "scale": 2},
    "date": "NAIVE_DATE",
    "naive": "NAIVE_DATETIME",
    "utc": "UTC_DATETIME",
    "binary": "BINARY",
    "xml": "XML",
    "string": "STRING",
    "json": "JSON",
}
PACKAGE = {
    "name": "fake",
    "fields": [
        {"name": "key", "label": "Key", "kind": "password", "required": True, "secret": True},
        {"name": "size", "label": "Size", "kind": "text", "required": False, "secret": False},
        {"name": "any", "label": "Any", "kind": "text", "required": False, "secret": False, "json": True},
        {"name": "token", "label": "Token", "kind": "password", "required": False, "secret": True, "json": True},
    ],
    "tables": [{"schema": "s", "table": "t", "primary_key": ["id"], "columns": COLUMNS}],
}
STATE = '{"type":"STATE","state":{"cursor":1}}\n'
NANOSECONDS = "times have nanoseconds"
DIGITS = "decimals have more digits"
ROUNDED = "numbers in JSON have more digits"
ROUNDED_FLOAT = "numbers have more digits than a FLOAT keeps"
ROUNDED_INTEGER = "integers have more digits than a DOUBLE keeps"
UNDECLARED = "does not have this column"

# Values of a column: the type, the JSON, what the operation gets, and what the warning says, if any.
CELLS = [
    ("id", "9223372036854775807", 9223372036854775807, None),
    ("id", "-9223372036854775808", -9223372036854775808, None),
    ("bool", "false", False, None),
    ("short", "-32768", -32768, None),
    ("short", "32767", 32767, None),
    ("int", "-2147483648", -2147483648, None),
    ("bool", "true", True, None),
    ("xml", '"<a/>"', "<a/>", None),
    ("float", "0.1", 0.1, None),
    ("float", "0.100000001", 0.100000001, None),
    ("float", "1e-45", 1e-45, None),
    ("float", "0.10000000149011612", 0.10000000149011612, None),
    ("float", "16777216", 16777216, None),
    ("float", "3.4028235e38", 3.4028235e38, None),
    ("float", "0.1234567890123", 0.1234567890123, ROUNDED_FLOAT),
    ("float", "16777217", 16777217, ROUNDED_FLOAT),
    ("float", "1e-50", 1e-50, ROUNDED_FLOAT),
    ("double", "1e21", 1e21, None),
    ("double", "5e-324", 5e-324, None),
    ("double", "9007199254740992", 9007199254740992, None),
    ("double", "9007199254740993", 9007199254740993, ROUNDED_INTEGER),
    ("double", "12345678901234567000", 12345678901234567000, None),
    ("decimal", '"1.50"', "1.50", None),
    ("decimal", '"-999.99"', "-999.99", None),
    ("decimal", '"0.100000"', "0.100000", None),
    ("decimal", '"1.5E+2"', "1.5E+2", None),
    ("decimal", '"0.001"', "0.001", DIGITS),
    ("decimal", '"1000"', "1000", DIGITS),
    ("decimal", '"12345678901234567890123456789.123456789"', "12345678901234567890123456789.123456789", DIGITS),
    ("decimal", "12.50", "12.50", None),
    ("decimal", "0.10000000000000000001", "0.10000000000000000001", DIGITS),
    ("decimal", "1e5000", "1e5000", DIGITS),
    ("date", '"0001-01-01"', datetime.date(1, 1, 1), None),
    ("date", '"9999-12-31"', datetime.date(9999, 12, 31), None),
    ("naive", '"2026-01-02T03:04:05"', datetime.datetime(2026, 1, 2, 3, 4, 5), None),
    ("naive", '"2026-01-02T03:04:05.1"', datetime.datetime(2026, 1, 2, 3, 4, 5, 100000), None),
    ("naive", '"2026-01-02T03:04:05.000001"', datetime.datetime(2026, 1, 2, 3, 4, 5, 1), None),
    ("utc", '"2026-01-02T03:04:05Z"', datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), None),
    ("utc", '"2026-01-02T03:04:05.1234567Z"', datetime.datetime(2026, 1, 2, 3, 4, 5, 123456, UTC), NANOSECONDS),
    ("utc", '"2026-01-02T03:04:05.999999999Z"', datetime.datetime(2026, 1, 2, 3, 4, 5, 999999, UTC), NANOSECONDS),
    ("utc", '"2026-01-02T03:04:05.123456000Z"', datetime.datetime(2026, 1, 2, 3, 4, 5, 123456, UTC), None),
    ("binary", '"AP8B"', b"\x00\xff\x01", None),
    ("binary", '""', b"", None),
    ("string", '"2026-01-02 \\u0000 \\ud83d\\ude00"', "2026-01-02 \x00 😀", None),
    ("json", '{"a":[1,"2",null,true,9007199254740993,1.50]}', {"a": [1, "2", None, True, 9007199254740993, 1.5]}, None),
    ("json", '"text"', "text", None),
    ("json", "123456789012345678901234567890", 123456789012345678901234567890, None),
    ("json", "[1e400]", [10**400], None),
    ("json", "[0.12345678901234567890]", [0.12345678901234567890], ROUNDED),
    ("extra", "0.1", "0.1", UNDECLARED),
    ("extra", "1.10", "1.10", UNDECLARED),
    ("extra", "9223372036854775808", "9223372036854775808", UNDECLARED),
    ("extra", "1e5000", "1e5000", UNDECLARED),
    ("extra", "7", 7, UNDECLARED),
    ("extra", '"x"', "x", UNDECLARED),
]

# Values that end the sync, and what the message says of them. It does not contain them. Most of them come if the
# program declares another type than the package.
OUT_OF_RANGE = "a number out of its range"
YEAR_0 = (
    "a time in the year 0: Fivetran accepts the years 1 to 9999: emit null instead, or declare the column as STRING"
)
MISFITS = [
    ("utc", '"2026-01-02T03:04:05"', "string"),
    ("utc", '"2026-01-02T03:04:05+02:00"', "string"),
    ("utc", '"0000-12-31T23:59:59Z"', YEAR_0),
    ("naive", '"2026-01-02T03:04:05Z"', "string"),
    ("naive", '"2026-01-02T03:04:05+02:00"', "string"),
    ("naive", '"2026-01-02T03:04:05.12x"', "string"),
    ("naive", '"2026-01-02"', "string"),
    ("naive", '"0000-12-31T23:59:59"', YEAR_0),
    ("date", '"2026-13-01"', "string"),
    ("date", '"20260101"', "string"),
    ("date", "20260101", "number"),
    ("date", '"0000-12-31"', YEAR_0),
    ("decimal", '"NaN"', "string"),
    ("decimal", '"1,5"', "string"),
    ("decimal", '"1_000"', "string"),
    ("decimal", "true", "boolean"),
    ("decimal", '["hush"]', "array"),
    ("binary", '"AP8"', "string"),
    ("binary", '"****"', "string"),
    ("binary", "12345", "number"),
    ("string", '{"hush":true}', "object"),
    ("string", '["hush"]', "array"),
    ("string", "12345", "number"),
    ("string", "true", "boolean"),
    ("xml", '{"hush":1}', "object"),
    ("xml", "12345.5", "number"),
    ("bool", "12345", "number"),
    ("bool", '"hush"', "string"),
    *[(column, "true", "boolean") for column in ("id", "short", "int", "float", "double")],
    *[(column, '"12345"', "string") for column in ("id", "short", "int", "float", "double")],
    *[(column, "12345.0", "number") for column in ("id", "short", "int")],
    ("short", "40000", OUT_OF_RANGE),
    ("short", "-32769", OUT_OF_RANGE),
    ("int", "2147483648", OUT_OF_RANGE),
    ("id", "9223372036854775808", OUT_OF_RANGE),
    ("id", "9" * 5000, OUT_OF_RANGE),
    ("float", "1e300", OUT_OF_RANGE),
    ("float", "-3.5e38", OUT_OF_RANGE),
    ("double", "1e400", OUT_OF_RANGE),
    ("double", "1e5000", OUT_OF_RANGE),
]

# The lines of a program, its status, and what the failure says.
ENDS = [
    ('{"type":"ROW"}\n', 0, "a line of type 'ROW'"),
    ("{}\n", 0, "a line of type None"),
    ("[1]\n", 0, "line 1 of the program's answer does not follow the protocol"),
    (STATE + "panic\n", 0, "line 2 of the program's answer does not follow the protocol"),
    ('{"type":"RECORD","record":{"s":{"t":{"id":1,"double":NaN}}}}\n', 0, "NaN is not JSON"),
    *[
        (f'{{"type":"RECORD","record":{{"s":{{"t":{{"id":1,"json":{text}}}}}}}}}\n', 0, f"column s.t.json: {said}")
        for text, said in [
            ("1e5000", "a number in JSON is too large"),
            ('{"a":[1e5000]}', "a number in JSON is too large"),
            ("1e1000000000000000000", "a number in JSON is too large"),
            ("9" * 5000, "a number in JSON is too large"),
            ("9" * 400 + ".5", "a number in JSON is too large"),
            ("[" * 5000 + '"]"' + "]" * 5000, "a JSON value is nested 5000 levels deep"),
            ('{"a":' * 5000 + "1" + "}" * 5000 + ',"string":"["', "a JSON value is nested 5000 levels deep"),
        ]
    ],
    ('{"type":"STATE","state":{"c":' + "[" * 5000 + "]" * 5000 + "}}\n", 0, "a line of the program's answer is nested"),
    ('{"type":"RECORD","op":"MERGE","record":{"s":{"t":{"id":1}}}}\n', 0, "the operation 'MERGE'"),
    ('{"type":"RECORD","record":{"s":{"u":{"id":1}}}}\n', 0, "table s.u is not in the packaged schema"),
    ('{"type":"RECORD","record":{"s":{"t":{"id":1,"id":2,"json":1}}}}\n' * 2, 0, "a record that"),
    ('{"type":"RECORD","record":{"s":{}}}\n', 0, "a record that does not follow the protocol"),
    ('{"type":"STATE","state":[]}\n', 0, "the state is not an object"),
    ('{"type":"STATE","state":{"c":0.12345678901234567890}}\n', 0, "a number that the Connector SDK would round"),
    ('{"type":"LOG","log":{"level":"LOUD","message":"m"}}\n', 0, "level 'LOUD'"),
    (STATE[:-1], 0, "the last line of the program's answer is cut off"),
    (STATE + '{"type":"RECORD","record":{"s":{"t":{"id":1}}}}\n', 0, "ended before its last state"),
    ("", 0, "ended before its last state"),
    (STATE, 7, "ended with status 7"),
    (STATE[:-1], 7, "ended with status 7"),
    (STATE + '{"type":"LOG","log":{"level":"SEVERE","message":"no such key"}}\n', 1, "no such key"),
    ('{"type":"LOG","log":{"level":"SEVERE","message":"no such key"}}\n', 0, "no such key"),
    ('{"type":"LOG","log":{"level":"SEVERE","message":"no such key"}}\n' + STATE, 0, "went on after its failure"),
]
