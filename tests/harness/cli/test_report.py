"""`pulsegate report`: any record again, in every form, and its figures delivered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from pathlib import Path
from threading import Thread
from xml.etree import ElementTree as ET

import pytest

from pulsegate.harness.cli.delivery import headers_of
from pulsegate.harness.errors import UsageError
from pulsegate.harness.record import read_record

OLD = str(resources.files("pulsegate.fixtures") / "records" / "schema-1.json")


class Collector(BaseHTTPRequestHandler):
    """Keeps what it is sent; answers as it was told to."""

    def do_POST(self) -> None:
        """Take one request."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append((self.path, dict(self.headers), body))  # type: ignore[attr-defined]  # set below
        self.send_response(self.server.status)  # type: ignore[attr-defined]  # set below
        self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def collector() -> Iterator[ThreadingHTTPServer]:
    """An OpenTelemetry collector's HTTP side, as far as metrics go."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Collector) as server:
        server.taken, server.status = [], 200  # type: ignore[attr-defined]  # read above
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def address(server: ThreadingHTTPServer) -> str:
    return f"http://127.0.0.1:{server.server_address[1]}"


def test_an_old_record_comes_in_every_form(pulsegate, tmp_path):
    """All documents are written, each of them whole; the exit code is the run's own."""
    names = {
        "html": "r.html",
        "markdown": "r.md",
        "junit": "r.xml",
        "json": "r.json",
        "otlp": "o.json",
        "prometheus": "p",
    }
    options = [word for option, name in names.items() for word in (f"--{option}", name)]
    result = pulsegate("report", OLD, *options)
    assert result.returncode == 1, result.stderr
    texts = {option: (tmp_path / name).read_text() for option, name in names.items()}
    assert texts["html"].rstrip().endswith("</html>")
    assert texts["markdown"].startswith("## Pulsegate gate: 2 passed of 4")
    assert ET.fromstring(texts["junit"].encode()).tag == "testsuites"
    assert read_record(tmp_path / "r.json") == read_record(Path(OLD))
    assert json.loads(texts["otlp"])["resourceMetrics"]
    assert "pulsegate_exit_code 1.0" in texts["prometheus"]
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted(names.values()), "nothing half-written is left"


def test_annotations_are_all_that_is_printed(pulsegate):
    """What GitHub reads stands alone."""
    result = pulsegate("report", OLD, "--annotations")
    assert [line[:27] for line in result.stdout.splitlines()] == ["::error title=Pulsegate AGU"]
    assert result.returncode == 1


def test_figures_are_posted_to_a_collector(pulsegate, collector):
    """To the usual path, as JSON, with the headers of the usual variable."""
    given = {"OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20x, tenant=a"}
    result = pulsegate("report", OLD, "-q", "--otlp", address(collector), **given)
    assert result.returncode == 1, "the run's own code"
    [(path, headers, body)] = collector.taken
    assert path == "/v1/metrics"
    assert headers["Content-Type"] == "application/json"
    assert (headers["Authorization"], headers["Tenant"]) == ("Bearer x", "a")
    assert json.loads(body)["resourceMetrics"]


@pytest.mark.parametrize("status", [400, 503, 307])
def test_a_collector_that_refuses_is_told(pulsegate, collector, status):
    """With what it answered; a redirect is not followed, as it would carry the headers elsewhere."""
    collector.status = status
    result = pulsegate("report", OLD, "-q", "--otlp", f"{address(collector)}/own/path")
    assert result.returncode == 3
    assert f"/own/path answered {status}" in result.stderr.splitlines()[-1]
    assert [path for path, _, _ in collector.taken] == ["/own/path"]


def test_a_collector_that_is_not_there_is_told(pulsegate):
    """In one sentence."""
    result = pulsegate("report", OLD, "-q", "--otlp", "http://127.0.0.1:1")
    assert result.returncode == 3
    assert "http://127.0.0.1:1/v1/metrics did not take the metrics" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("text", ["x", "=y", "a=b,c"])
def test_headers_that_are_none_are_refused(text):
    """The variable is named, its value, which may be a secret, is not."""
    with pytest.raises(UsageError, match=r"^OTEL_EXPORTER_OTLP_HEADERS is not of the form key=value,key=value$"):
        headers_of(text)


def test_an_address_without_a_host_is_refused(pulsegate):
    """Nothing is sent."""
    result = pulsegate("report", OLD, "-q", "--otlp", "http://")
    assert result.returncode == 2
    assert "names no host" in result.stderr


def test_a_name_that_is_too_long_is_wrong_use(pulsegate):
    """The system's refusal is named; it is no internal error."""
    done = pulsegate("report", "a" * 5000)
    assert done.returncode == 2
    assert done.stderr.endswith(": the record cannot be read: File name too long\n")


def test_what_is_no_text_is_no_record(pulsegate, tmp_path):
    """The place of the first wrong byte is named."""
    (tmp_path / "record.json").write_bytes(b"{\xff}")
    done = pulsegate("report", "record.json")
    assert (done.returncode, done.stderr) == (
        2,
        "pulsegate: record.json: the record cannot be read: it is not UTF-8 at byte 1\n",
    )
