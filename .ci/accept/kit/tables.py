"""The tables that a platform has after the operations of syncs, and their comparison with a target's."""

from collections import Counter
from typing import NamedTuple

from . import values


class Operation(NamedTuple):
    """One change of a table. The kind is upsert, update, delete or truncate."""

    kind: str
    table: str
    row: dict


class Table:
    """The rows of one table. Columns missing from a row are null."""

    def __init__(self, name, columns, key):
        self.name = name
        self.columns = columns  # type by name
        self.key = key  # names of columns; empty for a table without a key
        self.rows = {}  # by key; without one, by number
        self.deleted = {}  # the keys of deleted rows
        self.truncated = {}  # rows that a truncate removed

    def key_of(self, row):
        """Returns the key of a row."""
        return tuple(row[name] for name in self.key) if self.key else (len(self.rows),)

    def apply(self, operation):
        """Changes the table. Returns the operation with the whole row, without its nulls, in place of an update."""
        kind, row = operation.kind, operation.row
        if kind == "truncate":
            self.truncated.update(self.rows)
            self.rows.clear()
            return operation
        key = self.key_of(row)
        if kind == "delete":
            self.rows.pop(key, None)
            self.deleted[key] = dict(zip(self.key, key))
            return operation._replace(row=self.deleted[key])
        if kind == "upsert":
            self.rows[key] = dict.fromkeys(self.columns)
        if key not in self.rows:
            return operation  # an update of a row that the platform does not have
        self.rows[key].update(row)
        self.deleted.pop(key, None)
        self.truncated.pop(key, None)
        whole = {name: value for name, value in self.rows[key].items() if value is not None}
        return Operation("upsert", operation.table, whole)


def apply(tables, operations):
    """Changes tables, a dictionary by name. Returns the operations as Table.apply does."""
    return [tables[operation.table].apply(operation) for operation in operations]


def compare(report, what, table, target, rows):
    """Reports the differences between a table and the rows that a target stored.

    A stored row has the columns of the table and, if the target keeps deleted rows, the target's
    mark. The target describes what it promises: see targets.Target.
    """
    print(f"{what} {table.name}: {len(table.rows)} rows, {len(table.deleted)} deleted; {len(rows)} stored", flush=True)
    wanted = target.stored(table)
    if not table.key:

        def canonical(row):
            return repr(sorted(row.items()))

        want, got = Counter(map(canonical, wanted)), Counter(map(canonical, rows))
        for row in (want - got) + (got - want):
            report.problem(f"{what}: {table.name}: expected {want[row]} times, got {got[row]} times: {row}")
        return
    stored, differences = {}, {}
    for row in rows:
        key = tuple(row.get(name) for name in table.key)
        report.expect(key not in stored, f"{what}: {table.name}{list(key)}: stored twice")
        stored[key] = row
    for want in wanted:
        key = tuple(want[name] for name in table.key)
        got = stored.pop(key, None)
        if not report.expect(got is not None, f"{what}: {table.name}{list(key)}: expected a row, got none"):
            continue
        for column in want | got:
            a, b = want.get(column, "no such column"), got.get(column, "no such column")
            if not values.same(a, b):
                cell = f"{table.name}{list(key)}.{column}"
                differences.setdefault(column, []).append(f"{what}: {cell}: expected {a!r}, got {b!r}")
    report.columns(differences)
    for key in stored:
        report.problem(f"{what}: {table.name}{list(key)}: expected no row, got {stored[key]!r}")
