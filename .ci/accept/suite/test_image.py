"""Airbyte's test suite of images."""

from pathlib import Path

from airbyte_cdk.test.standard_tests.docker_base import DockerConnectorTestSuite


class TestImage(DockerConnectorTestSuite):
    """The suite, for the connector in the directory of this file."""

    @classmethod
    def get_connector_root_dir(cls):
        return Path(__file__).parent
