"""A server on this machine that speaks as much of W&B's language as an upload needs, or fails."""

import gzip
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_BUCKET = {
    "id": "1",
    "name": "run",
    "displayName": "run",
    "project": {"name": "nullfit", "entity": {"name": "team"}},
    "historyLineCount": 0,
}


class Server:
    """How it behaves, and what it was told. ``until`` is how many requests it
    answers before it fails: the first one begins the run."""

    def __init__(self, failure: str, until: int) -> None:
        self.failure, self.until = failure, until
        self.rows: list[dict[str, Any]] = []
        self.requests = 0
        self.closing = threading.Event()

    @property
    def fails(self) -> bool:
        return self.failure != "" and self.requests > self.until

    def answer(self, path: str, body: bytes) -> dict[str, Any]:
        if path.endswith("/file_stream"):
            told = json.loads(body).get("files", {}).get("wandb-history.jsonl", {})
            self.rows += [json.loads(row) for row in told.get("content", [])]
            return {}
        if path != "/graphql":
            return {}
        query = json.loads(body)["query"]
        if "upsertBucket" in query:
            return {"data": {"upsertBucket": {"bucket": _BUCKET, "inserted": True}}}
        if "serverInfo" in query:
            return {"data": {"serverInfo": {"features": []}}}
        return {"errors": [{"message": "this server keeps neither files nor artifacts"}]}


@contextmanager
def wandb_server(failure: str = "", until: int = 0) -> Iterator[tuple[str, Server]]:
    """Its address, for WANDB_BASE_URL. Failures: ``hang``, ``500`` and ``drop``; "" for none."""
    state = Server(failure, until)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            """Nothing on the terminal."""

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except OSError:  # the other side was ended
                self.close_connection = True

        def do_GET(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            state.requests += 1
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            if state.fails and state.failure == "hang":
                state.closing.wait()
            if state.fails and state.failure in ("hang", "drop"):
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self._send(500, {}) if state.fails else self._send(200, state.answer(self.path, body))

        def _send(self, status: int, answer: dict[str, Any]) -> None:
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", state
    finally:
        state.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
