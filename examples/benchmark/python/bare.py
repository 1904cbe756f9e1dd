"""The shop's connector as a loop: requests, orjson, no framework, no retry and no state."""

import sys

import orjson
import requests


def main():
    config = orjson.loads(sys.stdin.buffer.read())["secrets"]
    session = requests.Session()
    session.headers["Authorization"] = "Bearer " + config["api_key"]
    out = sys.stdout.buffer

    def get(path, **query):
        response = session.get(config["base_url"] + path, params=query)
        response.raise_for_status()
        return orjson.loads(response.content)

    def emit(table, row, deleted=False):
        record = {"type": "RECORD", "record": {"shop": {table: row}}}
        if deleted:
            record["op"] = "DELETE"
        out.write(orjson.dumps(record))
        out.write(b"\n")

    number = pages = 1
    while number <= pages:
        page = get("/customers", per_page=500, page=number)
        for row in page["data"]:
            emit("customers", row)
        pages = page["total_pages"]
        number += 1

    page = get("/orders", limit=500, updated_since="1970-01-01T00:00:00Z")
    while True:
        for row in page["data"]:
            deleted, items = row.pop("deleted"), row.pop("items")
            emit("orders", row, deleted)
            for item in items:
                emit("order_items", {"order_id": row["id"], **item}, deleted)
        if not page.get("next"):
            return
        page = get(page["next"])


main()
