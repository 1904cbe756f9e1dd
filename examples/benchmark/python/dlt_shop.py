"""The shop's connector with dlt, which writes its tables as files of JSON lines: it has no
output of rows. Order items stay a column of orders."""

import os
import sys

# dlt reads its settings from the environment.
os.environ.update({
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "WARNING",
    "NORMALIZE__DATA_WRITER__DISABLE_COMPRESSION": "true",
})

import dlt
import orjson
from dlt.sources.helpers.rest_client import RESTClient
from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
from dlt.sources.helpers.rest_client.paginators import JSONLinkPaginator, PageNumberPaginator


def main(directory):
    config = orjson.loads(sys.stdin.buffer.read())["secrets"]
    client = RESTClient(config["base_url"], auth=BearerTokenAuth(config["api_key"]), data_selector="data")

    @dlt.resource(primary_key="id", write_disposition="append", max_table_nesting=0)
    def customers():
        pages = PageNumberPaginator(base_page=1, page_param="page", total_path="total_pages")
        yield from client.paginate("/customers", params={"per_page": 500}, paginator=pages)

    @dlt.resource(primary_key="id", write_disposition="append", max_table_nesting=0)
    def orders():
        query = {"limit": 500, "updated_since": "1970-01-01T00:00:00Z"}
        yield from client.paginate("/orders", params=query, paginator=JSONLinkPaginator("next"))

    pipeline = dlt.pipeline(
        "shop", pipelines_dir=os.path.join(directory, "pipelines"), dataset_name="shop",
        destination=dlt.destinations.filesystem(bucket_url="file://" + os.path.join(directory, "tables")),
    )
    pipeline.run([customers(), orders()], loader_file_format="jsonl")


if __name__ == "__main__":
    main(sys.argv[1])
