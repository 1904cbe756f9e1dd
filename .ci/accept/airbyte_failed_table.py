"""Checks that the failure of one table does not stop the others.

A proxy in front of the source's API refuses the requests to one path. The stream must be INCOMPLETE with
one TRACE ERROR that names it; the others must be COMPLETE with a state; the exit status must be 1.

    airbyte_failed_table.py EXE CONFIG --path PATH --stream NAME        CONFIG has the API's address in base_url
"""

import http.client
import http.server
import json
import os
import threading
import urllib.parse

from kit import airbyte_wire, report


class Proxy(http.server.BaseHTTPRequestHandler):
    """Passes requests on to the API, except those to the refused path."""

    protocol_version = "HTTP/1.1"
    api = refused = None

    def do_GET(self):  # the name that http.server calls
        if self.path.startswith(self.refused):
            self.answer(403, [("Content-Type", "application/json")], b'{"error":"not allowed"}')
            return
        api = http.client.HTTPConnection(self.api)
        api.request("GET", self.path, headers=dict(self.headers))
        response = api.getresponse()
        try:
            self.answer(response.status, response.getheaders(), response.read())
        except http.client.IncompleteRead:  # a fault of the API, which the source must see as well
            self.close_connection = True
        api.close()

    def answer(self, status, headers, body):
        """Answers a request."""
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in ("transfer-encoding", "content-length", "connection"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Logs nothing."""


def main():
    parser = report.parser(__doc__)
    parser.add_argument("exe")
    parser.add_argument("config")
    parser.add_argument("--path", required=True)
    parser.add_argument("--stream", required=True)
    options = parser.parse_args()
    result, work = report.Report(), report.directory()
    streams = airbyte_wire.discover(options.exe, options.config)
    with open(options.config, encoding="utf-8") as file:
        config = json.load(file)
    Proxy.api, Proxy.refused = urllib.parse.urlsplit(config["base_url"]).netloc, options.path
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    config["base_url"] = f"http://127.0.0.1:{server.server_port}"
    path = report.save(os.path.join(work, "config.json"), json.dumps(config))
    status, messages, _ = airbyte_wire.run(*airbyte_wire.command(work, options.exe, path, streams))
    server.shutdown()

    result.expect(status == 1, f"read: status {status}, want 1")
    errors = [
        message["trace"]["error"]
        for message in messages
        if message["type"] == "TRACE" and message["trace"]["type"] == "ERROR"
    ]
    named = [error.get("stream_descriptor", {}).get("name") for error in errors]
    result.expect(named == [options.stream], f"want one TRACE ERROR, of {options.stream}, got {errors}")
    stated = set(map(airbyte_wire.stream_of, airbyte_wire.last_states(messages)))
    for stream in streams:
        name = stream["name"]
        last = airbyte_wire.statuses(messages).get(name, [None])[-1]
        want = "INCOMPLETE" if name == options.stream else "COMPLETE"
        print(f"{name}: {last}, {'a' if name in stated else 'no'} state")
        result.expect(last == want, f"{name} ends with {last}, want {want}")
        result.expect(name in stated or want == "INCOMPLETE", f"{name} is COMPLETE and has no state")
    result.finish()


main()
