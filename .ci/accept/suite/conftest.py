"""Adds the command line options of Airbyte's test suite."""

pytest_plugins = ["airbyte_cdk.test.standard_tests.pytest_hooks"]
