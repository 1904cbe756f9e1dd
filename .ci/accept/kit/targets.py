"""The values that each target promises to store, and the form in which it keeps deleted rows."""

import datetime
import struct
from decimal import Context, Decimal

from . import values

FLOATS = ("FLOAT", "DOUBLE")


def instant(text):
    """Decodes a time, to the microsecond."""
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


class Target:
    """A target that stores what it receives, with all digits.

    The class attributes say what it does with rows that are gone: "gone" if it removes them, "marked"
    if it keeps them with a mark, "nulls" if it keeps the key alone, and "kept" if it keeps them as they
    are. A deleted row that is marked has lost its other columns; a truncated row has not.
    """

    deleted = "gone"
    truncated = "gone"
    mark = None  # the column that marks deleted rows

    def value(self, _kind, value):
        """Returns the value that the target promises to store. It is not called for nulls."""
        return value

    def null(self):
        """Returns what the target stores for a null."""
        return None

    def cell(self, kind, value):
        """Returns what the target stores for the value of a column."""
        return self.null() if value is None else self.value(kind, value)

    def row(self, table, row, marked=False):
        """Returns what the target stores for a row."""
        found = {name: self.cell(kind, row.get(name)) for name, kind in table.columns.items()}
        if self.mark:
            found[self.mark] = marked
        return found

    def stored(self, table):
        """Returns the rows that the target has for a table."""
        rows = [self.row(table, row) for row in table.rows.values()]
        if self.deleted != "gone":
            rows += [self.row(table, row, self.deleted == "marked") for row in table.deleted.values()]
        if self.truncated != "gone":
            rows += [self.row(table, row, self.truncated == "marked") for row in table.truncated.values()]
        return rows

    def read(self, row):
        """Turns the mark of a stored row into a bool and drops the other columns that the wires add."""
        kept = {name: value for name, value in row.items() if not name.startswith(("_sdc_", "_ab_cdc_", "_airbyte_"))}
        if self.mark:
            kept[self.mark] = row.get(self.mark) is not None
        return kept


class JSONLines(Target):
    """target-jsonl. It writes numbers as decimals of the same value, and does not know ACTIVATE_VERSION."""

    truncated = "kept"

    def value(self, _kind, value):
        return values.convert(value, Decimal)


class CSV(Target):
    """target-csv. It writes Python's text of a value, and nothing for a null. Times have microseconds."""

    deleted = "nulls"
    truncated = "kept"

    def value(self, kind, value):
        return str(instant(value) if kind == "UTC_DATETIME" else values.convert(value, Decimal))

    def null(self):
        return ""


class Postgres(Target):
    """target-postgres of MeltanoLabs. Decimals keep their digits, and timestamps have microseconds."""

    deleted = "marked"
    truncated = "marked"
    mark = "_sdc_deleted_at"

    def value(self, kind, value):
        if kind == "DECIMAL":
            return values.Digits(value)
        return self.stored_value(kind, value)

    def stored_value(self, kind, value):
        """Returns a value that was read from the database in the form of value."""
        if value is None:
            return None
        if kind in FLOATS:
            return float(value)
        if kind == "UTC_DATETIME":
            return instant(value).replace(tzinfo=None)
        return values.convert(value, Decimal) if kind == "JSON" else value


class PostgresHardDelete(Postgres):
    """The same with the setting hard_delete, which removes the rows of old versions but not deleted rows."""

    truncated = "gone"


class DuckDB(Target):
    """The DuckDB cache of PyAirbyte. Decimals, binary values and JSON are text, and times have microseconds.

    A float is a DECIMAL(38, 9) that is made of the float, so that its last digits may not be those sent.
    """

    deleted = "marked"
    truncated = "kept"
    mark = "_ab_cdc_deleted_at"

    def value(self, kind, value):
        if kind in FLOATS:
            return float(Decimal(value).quantize(Decimal("1e-9"), context=Context(prec=38)))
        if kind == "NAIVE_DATE":
            return datetime.date.fromisoformat(value)
        if kind in ("NAIVE_DATETIME", "UTC_DATETIME"):
            return instant(value).replace(tzinfo=None)
        return values.convert(value, Decimal) if kind == "JSON" else value

    def stored_value(self, kind, value):
        """Returns a value that was read from the cache in the form of value."""
        if value is None:
            return None
        if kind in FLOATS:
            return float(value)
        if kind != "JSON":
            return value
        try:
            return values.loads(value, Decimal)
        except ValueError:
            return value  # a string, which DuckDB stores without its quotation marks


class Fivetran(Target):
    """The messages of Fivetran's gRPC service. Times have a fraction of as many digits as the source's SDK keeps."""

    def __init__(self, digits):
        self.digits = digits

    def value(self, kind, value):
        if kind in ("UTC_DATETIME", "NAIVE_DATETIME"):
            return self.time(value)
        if kind == "FLOAT":
            return struct.unpack("f", struct.pack("f", float(value)))[0]
        if kind == "DOUBLE":
            return float(value)
        return values.convert(value, Decimal) if kind == "JSON" else value

    def time(self, text):
        """Returns a time as protobuf writes it, with 0, 3, 6 or 9 digits of a fraction."""
        zone = "Z" if text.endswith("Z") else ""
        seconds, _, fraction = text.removesuffix("Z").partition(".")
        fraction = f"{fraction[: self.digits]:0<9}"
        while fraction.endswith("000"):
            fraction = fraction[:-3]
        return seconds + ("." if fraction else "") + fraction + zone


class AppendOnly(DuckDB):
    """The same for a table without a key, which has no mark."""

    mark = None
