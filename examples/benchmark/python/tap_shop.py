"""The shop's connector with singer-sdk. Order items stay a column of orders."""

import sys
from urllib.parse import parse_qsl

from singer_sdk import RESTStream, Tap
from singer_sdk import typing as th
from singer_sdk.authenticators import BearerTokenAuthenticator
from singer_sdk.pagination import BaseHATEOASPaginator, BasePageNumberPaginator


class ShopStream(RESTStream):
    records_jsonpath = "$.data[*]"

    @property
    def url_base(self):
        return self.config["base_url"]

    @property
    def authenticator(self):
        return BearerTokenAuthenticator(token=self.config["api_key"])


class Pages(BasePageNumberPaginator):
    def has_more(self, response):
        body = response.json()
        return body["page"] < body["total_pages"]


class Next(BaseHATEOASPaginator):
    def get_next_url(self, response):
        return response.json().get("next")


class Customers(ShopStream):
    name = "customers"
    path = "/customers"
    primary_keys = ("id",)
    schema = th.PropertiesList(
        th.Property("id", th.IntegerType, required=True),
        th.Property("name", th.StringType),
        th.Property("email", th.StringType),
        th.Property("created_at", th.DateTimeType),
    ).to_dict()

    def get_new_paginator(self):
        return Pages(start_value=1)

    def get_url_params(self, context, next_page_token):
        return {"per_page": 500, "page": next_page_token or 1}


class Orders(ShopStream):
    name = "orders"
    path = "/orders"
    primary_keys = ("id",)
    replication_key = "updated_at"
    is_sorted = True
    schema = th.PropertiesList(
        th.Property("id", th.IntegerType, required=True),
        th.Property("customer_id", th.IntegerType),
        th.Property("status", th.StringType),
        th.Property("total", th.StringType),
        th.Property("currency", th.StringType),
        th.Property("updated_at", th.DateTimeType),
        th.Property("tags", th.ArrayType(th.StringType)),
        th.Property("shipping", th.ObjectType(additional_properties=True)),
        th.Property("deleted", th.BooleanType),
        th.Property("items", th.ArrayType(th.ObjectType(additional_properties=True))),
    ).to_dict()

    def get_new_paginator(self):
        return Next()

    def get_url_params(self, context, next_page_token):
        if next_page_token:
            return dict(parse_qsl(next_page_token.query))
        return {"limit": 500, "updated_since": "1970-01-01T00:00:00Z"}


class TapShop(Tap):
    name = "tap-shop"
    config_jsonschema = th.PropertiesList(
        th.Property("api_key", th.StringType, required=True, secret=True),
        th.Property("base_url", th.StringType, required=True),
    ).to_dict()

    def discover_streams(self):
        return [Customers(self), Orders(self)]


if __name__ == "__main__":
    sys.exit(TapShop.cli())
