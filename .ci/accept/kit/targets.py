"""What each target promises to store for a value, and in which form it keeps deleted rows."""

import datetime
import json
from decimal import Decimal

from . import values

INTEGERS = ("SHORT", "INT", "LONG")
FLOATS = ("FLOAT", "DOUBLE")


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
    """target-csv. It writes Python's text of a value, and nothing for a null."""

    deleted = "nulls"
    truncated = "kept"

    def value(self, kind, value):
        if kind in FLOATS:
            return str(float(value))
        return str(values.convert(value, float))

    def null(self):
        return ""


class Postgres(Target):
    """target-postgres of MeltanoLabs. Its columns have types, and timestamps have microseconds."""

    deleted = "marked"
    truncated = "marked"
    mark = "_sdc_deleted_at"

    def value(self, kind, value):
        if kind == "DECIMAL":
            return Decimal(value)
        if kind in FLOATS:
            return float(value)
        if kind == "UTC_DATETIME":
            return datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
        return values.convert(value, Decimal) if kind == "JSON" else value


class DuckDB(Target):
    """The DuckDB cache of PyAirbyte. Decimals and binary values are text, and so is JSON."""

    deleted = "marked"
    truncated = "kept"
    mark = "_ab_cdc_deleted_at"

    def value(self, kind, value):
        if kind in FLOATS:
            return float(value)
        if kind == "NAIVE_DATE":
            return datetime.date.fromisoformat(value)
        if kind == "NAIVE_DATETIME":
            return datetime.datetime.fromisoformat(value)
        if kind == "UTC_DATETIME":
            return datetime.datetime.fromisoformat(value.replace("Z", "+00:00")).replace(tzinfo=None)
        if kind == "JSON":
            return values.convert(value, float)
        return value

    def stored_value(self, kind, value):
        """Returns a value that was read from the cache in the form of value."""
        return json.loads(value) if kind == "JSON" and value is not None else value
