"""JSON values with all their digits, and their comparison."""

import json


class Digits(str):
    """A number with a fraction or an exponent, as the digits that a program wrote: 1.50 is not 1.5."""

    __slots__ = ()

    def __repr__(self):
        return str(self)


def loads(text, number=Digits):
    """Decodes JSON. The function number receives the digits of a number that is not an integer."""
    return json.loads(text, parse_float=number)


def dumps(value):
    """Encodes a value without a Digits in it."""
    return json.dumps(value, ensure_ascii=False)


def same(a, b):
    """Reports whether two values are equal and of the same types: True is not 1, and 1 is not 1.0."""
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[name], b[name]) for name in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


def convert(value, number):
    """Replaces each Digits in a value by number(digits)."""
    if isinstance(value, Digits):
        return number(value)
    if isinstance(value, dict):
        return {name: convert(item, number) for name, item in value.items()}
    if isinstance(value, list):
        return [convert(item, number) for item in value]
    return value
