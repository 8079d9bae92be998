"""`pulsegate proxy` as a user runs it: every shipped configuration breaks what it is declared to break, and no more."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import psutil
import pytest

from pulsegate.harness.proxy.shipped import declared_breaks, shipped, shipped_folder

pytestmark = [pytest.mark.real, pytest.mark.needs("nginx"), pytest.mark.timeout(600)]

PROGRAM = [sys.executable, "-P", "-m", "pulsegate.harness.cli.main", "proxy", "--no-color"]


def run(folder: Path, *arguments: object) -> tuple[int, dict[str, Any], str]:
    """Exit code, record and output of one run on the bundled server."""
    done = subprocess.run(
        [*PROGRAM, *map(str, arguments), "--reference", "--output", folder / "run"],
        cwd=folder, capture_output=True, text=True, timeout=500, check=False,
    )  # fmt: skip
    file = folder / "run" / "record.json"
    return done.returncode, json.loads(file.read_text()) if file.exists() else {}, done.stdout + done.stderr


def broken(record: dict[str, Any]) -> dict[str, set[str]]:
    """The clauses that each configuration breaks."""
    return {
        name: {one["id"] for one in block["clauses"] if one["decides"] and one["outcome"] == "failed"}
        for name, block in record["configurations"].items()
        if not block["control"]
    }


@pytest.fixture(scope="module")
def matrix(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """One run of all shipped configurations."""
    code, record, printed = run(tmp_path_factory.mktemp("matrix"))
    assert code == 1, printed
    return record


def test_each_shipped_configuration_breaks_what_it_declares(matrix: dict[str, Any]) -> None:
    """Nothing is missed, and nothing else fails."""
    assert set(declared_breaks()) == {file.stem for file in shipped()}
    assert broken(matrix) == {name: set(clauses) for name, clauses in declared_breaks().items()}


def test_every_broken_clause_has_a_proved_line(matrix: dict[str, Any]) -> None:
    """A directive whose change alone mends it, with its file and line."""
    proved = {(one["config"], one["clause"]) for one in matrix["findings"] if one["kind"] == "measured"}
    declared = {(name, clause) for name, clauses in declared_breaks().items() for clause in clauses}
    assert declared <= proved


def test_each_clause_is_broken_by_one_and_kept_by_another(matrix: dict[str, Any]) -> None:
    """No clause of the laboratory passes, or fails, whatever it meets."""
    outcomes: dict[str, set[str]] = {}
    for block in matrix["configurations"].values():
        for clause in block["clauses"]:
            if clause["decides"]:
                outcomes.setdefault(clause["id"], set()).add(clause["outcome"])
    wanted = {"KIT-11", *(f"PROXY-{number}" for number in range(1, 8))}
    assert {clause for clause, found in outcomes.items() if {"passed", "failed"} <= found} == wanted


def test_a_second_run_gives_the_same_verdicts(matrix: dict[str, Any], tmp_path: Path) -> None:
    """Clause by clause, and of streams, though other configurations ran beside; only times differ."""
    again = ("gzip", "recommended", "short-timeout", "documented-streaming")
    _, record, printed = run(tmp_path, *(shipped_folder() / f"{name}.conf" for name in again))
    for name in again:
        first, second = matrix["configurations"][name], record["configurations"][name]
        assert second["buffering"] == first["buffering"], printed
        assert outcomes_of(second) == outcomes_of(first), printed


def outcomes_of(block: dict[str, Any]) -> dict[str, str]:
    """The outcome of each clause that decides."""
    return {clause["id"]: clause["outcome"] for clause in block["clauses"] if clause["decides"]}


def test_latency_is_a_ratio_with_an_interval(matrix: dict[str, Any]) -> None:
    """Never one number alone."""
    found = matrix["configurations"]["recommended"]["added"]["first_event"]
    assert found["pairs"] >= 10
    assert found["ratio"]["low"] <= found["ratio"]["value"] <= found["ratio"]["high"]


def test_a_repaired_copy_holds(tmp_path: Path) -> None:
    """--fix writes it beside the original, which stays as it was, and proves it by running it."""
    original = (shipped_folder() / "gzip.conf").read_text()
    (tmp_path / "site.conf").write_text(original)
    _, record, printed = run(tmp_path, "site.conf", "--fix")
    assert (tmp_path / "site.conf").read_text() == original
    assert record["configurations"]["site"]["repaired"].endswith("every clause holds"), printed
    assert (tmp_path / "site-repaired" / "site.conf").read_text() != original


def test_the_deployment_shapes_break_nothing(tmp_path: Path) -> None:
    """Neither balancing breaks a clause."""
    shapes = sorted((Path(__file__).parents[2] / "deploy" / "reference").glob("nginx-*.conf"))
    code, record, printed = run(tmp_path, *shapes)
    print(printed)  # noqa: T201 - the report, with -s
    assert code == 0, printed
    assert broken(record) == {"nginx-spread": set(), "nginx-sticky": set()}
    assert record["findings"] == []


def write_large(folder: Path) -> dict[Path, str]:
    """A configuration of 300 lines in many files, one of them bad: ``snippets/streams.conf:3``."""
    site = """\
        server {{
            listen 80;
            server_name site{0}.example;
            access_log /var/log/nginx/site{0}.log;
            location / {{
                root /srv/site{0};
                try_files $uri /index.html;
            }}
            location /media/ {{
                proxy_pass http://media{0}:9000/files/;
                proxy_read_timeout 5s;
            }}
        }}
        """
    chat = """\
        server {
            listen 443 ssl default_server;
            server_name chat.example;
            ssl_certificate /etc/ssl/chat.pem;
            ssl_certificate_key /etc/ssl/chat.key;
            location / {
                proxy_pass http://frontend:3000;
            }
            location /api/ {
                proxy_pass http://$pool;
                include snippets/streams.conf;
            }
        }
        """
    main = """\
        user www-data;
        events { worker_connections 1024; }
        http {
            map $http_upgrade $upstream_connection {
                default upgrade;
                '' '';
            }
            map $cookie_release $pool {
                include maps/*.map;
                default backend;
            }
            upstream backend { server app1:8000; server app2:8000; }
            upstream canary { server app3:8000; }
            include conf.d/*.conf;
        }
        """
    streams = """\
        proxy_http_version 1.1;
        proxy_set_header Host $host;
        proxy_read_timeout 25s;
        proxy_buffering off;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $upstream_connection;
        """
    texts = {"nginx.conf": main, "snippets/streams.conf": streams, "conf.d/50-chat.conf": chat}
    texts |= {f"maps/{number}.map": f"release{number} canary;\n" for number in range(10)}
    texts |= {f"conf.d/{number}-site.conf": site.format(number) for number in range(10, 30)}
    files = {folder / name: dedent(text) for name, text in texts.items()}
    for file, text in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    assert sum(len(text.splitlines()) for text in files.values()) >= 300
    return files


def test_one_bad_line_among_300_is_found_and_repaired(tmp_path: Path) -> None:
    """Its file and line, proved by measuring; the copy holds, and no original has changed."""
    files = write_large(tmp_path)
    code, record, printed = run(tmp_path, "nginx.conf", "--fix")
    proved = [one for one in record["findings"] if one["kind"] == "measured"]
    assert code == 1, printed
    assert [(one["file"], one["line"], one["directive"], one["clause"]) for one in proved] == [
        ("snippets/streams.conf", 3, "proxy_read_timeout 25s;", "PROXY-3")
    ]
    assert record["configurations"]["nginx"]["repaired"] == "nginx-repaired/nginx.conf: every clause holds"
    assert {file: file.read_text() for file in files} == files


def test_an_nginx_that_is_killed_charges_nothing_to_its_configuration(tmp_path: Path) -> None:
    """Exit code 3 with one sentence; what was measured before is kept, and nothing keeps running."""
    code, record, printed = disturbed(tmp_path, "listening to streams", kill_every_nginx)
    assert code == 3, printed
    assert record["verdict"]["failed"] == 0, printed
    assert "nginx ended while it was measured: nginx was killed by signal 9" in record["verdict"]["sentence"]
    assert record["configurations"]["recommended"]["added"]["first_event"]["pairs"] >= 10


def kill_every_nginx(process: psutil.Process) -> None:
    """Those below `process`, masters first."""
    for child in process.children(recursive=True):
        if child.name() == "nginx":
            child.kill()


def test_an_interrupt_keeps_what_was_measured(tmp_path: Path) -> None:
    """Exit code 130 and a record."""
    code, record, printed = disturbed(tmp_path, "checking the contract", lambda one: one.send_signal(signal.SIGINT))
    assert code == 130, printed
    assert record["interrupted"]
    assert record["configurations"]["recommended"]["buffering"] == "live"


def disturbed(folder: Path, when: str, disturb: Callable[[psutil.Process], None]) -> tuple[int, dict[str, Any], str]:
    """A run that is disturbed at the line `when`; none of its processes may outlive it."""
    process = subprocess.Popen(
        [*PROGRAM, str(shipped_folder() / "recommended.conf"), "--reference", "--output", str(folder / "run")],
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    children: list[psutil.Process] = []
    printed = ""
    with process:
        assert process.stdout is not None
        for line in process.stdout:
            printed += line
            if when in line:
                children = psutil.Process(process.pid).children(recursive=True)
                disturb(psutil.Process(process.pid))
        code = process.wait(60)
    assert children, printed
    _, alive = psutil.wait_procs(children, timeout=10)
    assert not alive
    return code, json.loads((folder / "run" / "record.json").read_text()), printed
