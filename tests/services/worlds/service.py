"""A service and its Prometheus behind one real address on this machine: they say what the story wants them to say."""

import json
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit


class Monitored:
    """What is answered: the value of every series (None: there is none), whether the API is there, or nothing."""

    def __init__(self, url):
        self.url = url
        self.begin()

    def begin(self):
        """Answer as a service does in which all is well."""
        self.value, self.has_api, self.works = 0.5, True, True

    def answer(self, path, asked):
        """Give (status, document) for a request."""
        if not self.works:
            return 503, {}
        if path == "/api":
            return (200, {"on": True}) if self.has_api else (404, {})
        if path == "/api/v1/query":
            return 200, _success("vector", [{"metric": {}, "value": point} for point in self._points(asked, "time")])
        points = self._points(asked, "end")
        return 200, _success("matrix", [{"metric": {}, "values": points}] if points else [])

    def _points(self, asked, last):
        if self.value is None:
            return []
        end, step = float(asked[last]), float(asked.get("step", 1))
        count = int((end - float(asked.get("start", end))) / step) + 1
        times = [end - step * back for back in reversed(range(count))]
        is_time = "timestamp(" in asked["query"]
        return [[at, f"{at if is_time else self.value}"] for at in times]


def _success(kind, result):
    return {"status": "success", "data": {"resultType": kind, "result": result}}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        parts = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        status, document = self.server.monitored.answer(parts.path, asked)
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@cache
def monitored():
    """The service; it runs as long as the tests do."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.monitored = Monitored(f"http://127.0.0.1:{server.server_address[1]}")
    Thread(target=server.serve_forever, daemon=True).start()
    return server.monitored
