"""Serves a packaged connector with the gRPC server of Fivetran's Connector SDK, as its hosted runner does.

The server answers one sync for each process. Needs the packages of the client fivetran.

    fivetran_serve.py DIRECTORY PORT        DIRECTORY is one that penstock package fivetran wrote
"""

import os
import sys

os.chdir(sys.argv[1])
sys.path.insert(0, os.getcwd())

from connector import connector  # after the directory has been added to the path

connector.run(port=int(sys.argv[2]))
