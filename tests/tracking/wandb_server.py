"""A server on this machine that speaks as much of W&B's language as an upload needs, or fails."""

import gzip
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import product
from typing import Any

import yaml

SWEEP = "sweep1"
_PLACE = {"project": {"id": "1", "name": "nullfit", "entity": {"id": "1", "name": "team"}}}
_NO_RUNS = {"id": "1", "name": SWEEP, "state": "RUNNING", "runs": {"edges": []}}


class Server:
    """How it behaves, and what it was told. ``until`` is how many requests it
    answers before it fails: the first one begins the run.

    As W&B's own does, it keeps each run's lines of history under their numbers: what is sent again
    under a number takes its place, what is sent under new ones comes after. Whoever begins a run
    is told how many lines there are.
    """

    def __init__(self, failure: str, until: int) -> None:
        self.failure, self.until = failure, until
        self.lines: dict[str, list[str]] = {}
        self.summaries: dict[str, dict[str, Any]] = {}
        self.exit_codes: dict[str, int] = {}
        self.requests = 0
        self.closing = threading.Event()
        self.sweep: dict[str, Any] = {}  # as `wandb sweep` made it
        self.sweeps: dict[str, str] = {}  # that runs say they belong to
        self.handed_out: list[dict[str, Any]] = []  # settings of the runs of the sweep

    @property
    def fails(self) -> bool:
        return self.failure != "" and self.requests > self.until

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The history of all runs, one after the other."""
        return [json.loads(line) for lines in self.lines.values() for line in lines]

    def answer(self, path: str, body: bytes) -> dict[str, Any]:
        if path.endswith("/file_stream"):
            self._keep(path.split("/")[-2], json.loads(body))
            return {}
        if path != "/graphql":
            return {}
        told = json.loads(body)
        query, variables = told["query"], told.get("variables") or {}
        answers = {
            "upsertSweep": lambda: self._new_sweep(variables["config"]),
            "sweep(sweepName": lambda: None,
            "createAgent": lambda: {"agent": {"id": "agent"}},
            "agentHeartbeat": lambda: self._commands(json.loads(variables["runState"])),
            "upsertBucket": lambda: self._begun(variables),
            "model(": lambda: {"bucket": self._run(variables["run"])},
            "serverInfo": lambda: {"features": []},
            "viewer {": lambda: {"id": "1", "entity": "team", "username": "me"},
        }
        for words, answer in answers.items():
            if words in query and words.startswith("sweep("):
                config = json.dumps(self.sweep)
                return {"data": {"project": {"sweep": {"config": config, **_NO_RUNS}}}}
            if words in query:
                return {"data": {words.rstrip("( {"): answer()}}
        return {"errors": [{"message": "this server keeps neither files nor artifacts"}]}

    def _new_sweep(self, config: str) -> dict[str, Any]:
        self.sweep = json.loads(config) if config[:1] == "{" else yaml.safe_load(config)
        return {"sweep": {"name": SWEEP, **_PLACE}, "configValidationWarnings": []}

    def _commands(self, running: dict[str, Any]) -> dict[str, Any]:
        """All runs of the sweep at first; then the agent may go once none is left."""
        commands: list[dict[str, Any]] = []
        if not self.handed_out:
            keys = list(self.sweep["parameters"])
            values = [self.sweep["parameters"][key]["values"] for key in keys]
            self.handed_out = [dict(zip(keys, job, strict=True)) for job in product(*values)]
            for number, job in enumerate(self.handed_out):
                args = {key: {"value": value} for key, value in job.items()}
                about = {"run_id": f"sweeprun{number}", "program": self.sweep["program"]}
                commands.append({"type": "run", "args": args, **about})
        elif not any(running.values()):
            commands.append({"type": "exit"})
        return {"agent": {"id": "agent"}, "commands": json.dumps(commands)}

    def _begun(self, variables: dict[str, Any]) -> dict[str, Any]:
        if variables.get("sweep"):
            self.sweeps[variables["name"]] = variables["sweep"]
        return {"bucket": self._run(variables["name"]), "inserted": True}

    def _run(self, name: str) -> dict[str, Any]:
        return {
            "id": name,
            "name": name,
            "displayName": name,
            "project": {"name": "nullfit", "entity": {"name": "team"}},
            "historyLineCount": len(self.lines.get(name, ())),
        }

    def _keep(self, run: str, told: dict[str, Any]) -> None:
        files = told.get("files") or {}
        if sent := files.get("wandb-history.jsonl"):
            lines, first = self.lines.setdefault(run, []), sent["offset"]
            assert first <= len(lines), "lines are missing"
            lines[first : first + len(sent["content"])] = sent["content"]
        if sent := files.get("wandb-summary.json"):
            self.summaries[run] = json.loads(sent["content"][-1])
        if "exitcode" in told:
            self.exit_codes[run] = told["exitcode"]


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
