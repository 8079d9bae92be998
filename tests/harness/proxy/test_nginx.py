"""A real nginx in a folder of its own: started, reloaded, lost, and never left behind."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import subprocess
import sys
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest

from pulsegate.harness.errors import CouldNotMeasure, ToolMissing, UsageError
from pulsegate.harness.parts import part
from pulsegate.harness.proxy import containers
from pulsegate.harness.proxy.configuration import read_configuration
from pulsegate.harness.proxy.installation import Version, find_nginx, nginx_version
from pulsegate.harness.proxy.moving import FRONT_END_PAGE
from pulsegate.harness.proxy.nginx import Nginx
from pulsegate.harness.proxy.relocation import Relocated, relocate

TARGET = "http://127.0.0.1:9"
PASSING = "location /api/ { proxy_pass http://app; }\n"
FRONT = f"location / {{ proxy_pass http://frontend:3000; }}\n{PASSING}"
FIXTURES = sorted((Path(__file__).parents[3] / "fixtures/nginx").glob("*.conf"))

needs_nginx = pytest.mark.needs("nginx")


@pytest.fixture
def moved(configured, tmp_path):
    """A relocated configuration from its text."""

    def move(text: str) -> Relocated:
        return relocate(configured(text), tmp_path / "run", TARGET)

    return move


def gone(pids: list[int]) -> bool:
    """Whether these processes end within moments."""
    living = []
    for pid in pids:
        with suppress(psutil.NoSuchProcess):
            living.append(psutil.Process(pid))
    _, alive = psutil.wait_procs(living, timeout=10)
    return not alive


@needs_nginx
def test_runs(moved):
    """It answers at its URL, knows its workers and its memory, and is gone afterwards."""
    with Nginx(moved(f"{FRONT}")) as nginx:
        page = urlopen(nginx.url, timeout=5).read().decode()
        pids = [nginx.pid, *nginx.workers()]
        memory = nginx.memory()
        nginx.check()

    assert page == FRONT_END_PAGE
    assert len(pids) == 2
    assert memory > 100_000
    assert gone(pids)
    assert not nginx.running


@needs_nginx
async def test_runs_among_coroutines(moved):
    """It starts and stops without holding up the loop that waits for it."""
    async with Nginx(moved(PASSING)) as nginx:
        assert nginx.running

    assert not nginx.running


@needs_nginx
@pytest.mark.parametrize("file", FIXTURES, ids=lambda file: file.stem)
def test_shipped_configuration(file, tmp_path):
    """Every shipped configuration begins with what it is for, and runs."""
    assert file.read_text().startswith("# ")

    with Nginx(relocate(read_configuration(file), tmp_path / "run", TARGET)) as nginx:
        assert nginx.running


@needs_nginx
def test_large_configuration(large, tmp_path):
    """A configuration of many files, maps, servers and certificates runs, and each server answers."""
    moved = relocate(read_configuration(large), tmp_path / "run", TARGET)

    with Nginx(moved) as nginx:
        context = ssl.create_default_context(cafile=str(moved.ca_file))
        secure = [server for server in moved.servers if server.url.startswith("https")]
        pages = {urlopen(server.url, timeout=5, context=context).read().decode().strip() for server in secure}

    assert pages == {FRONT_END_PAGE}
    assert (len(secure), len(moved.servers)) == (10, 21)
    assert nginx.url == moved.servers[-1].url


@needs_nginx
def test_odd_configuration(tmp_path):
    """Odd quoting, tables of data, variables and nesting come through, and what cannot be kept is told."""
    moved = relocate(read_configuration(Path(__file__).parent / "odd/nginx.conf"), tmp_path / "run", TARGET)

    with Nginx(moved) as nginx:
        inner = urlopen(moved.servers[0].url, timeout=5).read().decode()
        context = ssl.create_default_context(cafile=str(moved.ca_file))
        looped = urlopen(f"{nginx.url}/loop/", timeout=5, context=context).read().decode()

    assert inner == looped == 'in"ner ; { }'
    assert [note for note in moved.notes if "stream block" in note or "uwsgi_pass" in note or "ssl_verify" in note]


@needs_nginx
def test_rejected(moved, tmp_path):
    """What nginx rejects is told in its own words, at the user's own line."""
    with pytest.raises(
        UsageError, match=rf'^{tmp_path}/nginx\.conf:2: nginx [\d.]+: unknown directive "proxy_bufering"'
    ):
        Nginx(moved("location /api/ { proxy_pass http://a;\nproxy_bufering off; }")).start()


@needs_nginx
def test_rejected_in_an_included_file(large, tmp_path):
    """One bad line among 300, in an included file, is the line that is told."""
    site = large.parent / "conf.d/17-site7.conf"
    site.write_text(site.read_text().replace("expires 7d;", "expires soon;"))

    with pytest.raises(UsageError, match=r'conf\.d/17-site7\.conf:20: nginx [\d.]+: "expires" directive invalid value'):
        Nginx(relocate(read_configuration(large), tmp_path / "run", TARGET)).start()


@needs_nginx
def test_rejected_without_a_place(moved, tmp_path):
    """A rejection of the whole is told of the file that was given."""
    text = "http { server { location / { proxy_pass http://a; } } }"

    with pytest.raises(UsageError, match=rf'^{tmp_path}/nginx\.conf: nginx [\d.]+: no "events" section'):
        Nginx(moved(text)).start()


@needs_nginx
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("load_module modules/ngx_http_nowhere_module.so;\n",
         r"nginx\.conf:1: nginx [\d.]+: the module ngx_http_nowhere_module\.so is not installed here$"),
        ("events {}\nhttp { server { location /api/ {\nproxy_pass ${BACKEND}; } } }\n",
         r'nginx\.conf:3: nginx [\d.]+: unknown "backend" variable$'),
        ("events {}\nhttp { server { location /api/ {\nproxy_pass http://$nowhere; } } }\n",
         r'nginx\.conf:3: nginx [\d.]+: unknown "nowhere" variable$'),
        ("events {}\nhttp { server { location /api/ {\nproxy_pass ftp://app; } } }\n",
         r"nginx\.conf:3: nginx [\d.]+: invalid URL prefix$"),
        ("no_module_has_this on;\n",
         r"nginx\.conf:1: .* \(misspelt, or of a module or a newer nginx that is not installed here\)$"),
    ],
)  # fmt: skip
def test_rejected_in_a_sentence_without_folders_of_ours(moved, text, said):
    """A missing module, a template not filled in, a wrong address: at its line, where nginx names none too."""
    good = "" if "http {" in text else "events {}\nhttp { server { location /api/ { proxy_pass http://a; } } }\n"
    with pytest.raises(UsageError, match=said):
        Nginx(moved(text + good)).start()


@needs_nginx
def test_http2_on_runs_on_an_nginx_that_does_not_know_it(configured, tmp_path):
    """Before 1.25.1 it is a parameter of listen, and the report says that it was moved there."""
    text = "location /api/ { proxy_pass http://a; }"
    site = configured(f"server {{ listen 443 ssl; http2 on; ssl_certificate c; ssl_certificate_key k; {text} }}")
    moved = relocate(site, tmp_path / "run", TARGET, version=Version(1, 22, 1))
    assert [note for note in moved.notes if "http2 on" in note]
    with Nginx(moved, replace(find_nginx(), version=Version(1, 22, 1))) as nginx:
        context = ssl.create_default_context(cafile=str(moved.ca_file))
        context.set_alpn_protocols(["h2"])
        address = ("127.0.0.1", nginx.relocated.ports[0])
        with socket.create_connection(address) as plain, context.wrap_socket(plain, server_hostname="127.0.0.1") as tls:
            assert tls.selected_alpn_protocol() == "h2"


@needs_nginx
def test_what_every_nginx_brings_along_need_not_be_copied(moved):
    """A lone nginx.conf includes mime.types like any other."""
    with Nginx(
        moved("events {}\nhttp { include mime.types; server { location /api/ { proxy_pass http://a; } } }")
    ) as nginx:
        assert nginx.running


@needs_nginx
def test_port_in_use(moved):
    """A port that somebody took meanwhile is named, and nothing keeps running."""
    run = moved(PASSING)
    with (
        closing(socket.create_server(("127.0.0.1", run.ports[0]))),
        pytest.raises(CouldNotMeasure, match=rf"127\.0\.0\.1:{run.ports[0]} is in use by another program"),
    ):
        Nginx(run).start()


@needs_nginx
def test_reload(moved):
    """After a reload only new workers accept, and the ports are the same."""
    with Nginx(moved(FRONT)) as nginx:
        before = nginx.workers()
        nginx.reload()

        assert not set(before) & set(nginx.workers())
        assert urlopen(nginx.url, timeout=5).status == 200


@needs_nginx
def test_reload_lets_a_live_connection_drain(moved):
    """The worker that still serves somebody goes on until that one leaves."""
    with Nginx(moved(FRONT)) as nginx:
        before = nginx.workers()
        with closing(socket.create_connection(("127.0.0.1", nginx.relocated.ports[0]), timeout=5)) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n12")
            nginx.reload()

            assert nginx.draining() == before


@needs_nginx
def test_restart(moved):
    """A restart keeps the ports."""
    with Nginx(moved(FRONT)) as nginx:
        first = nginx.pid
        nginx.restart()

        assert nginx.pid != first
        assert urlopen(nginx.url, timeout=5).status == 200


@needs_nginx
def test_killed_master(moved):
    """A master that is killed is noticed, and its workers do not live on."""
    with Nginx(moved(PASSING)) as nginx:
        workers = nginx.workers()
        os.kill(nginx.pid, signal.SIGKILL)

        assert gone(workers)
        assert "nginx was killed by signal 9" in nginx.death
        with pytest.raises(CouldNotMeasure, match="nginx ended while it was measured"):
            nginx.check()


@needs_nginx
def test_killed_worker(moved):
    """A worker that is killed is noticed, although nginx starts another."""
    with Nginx(moved(PASSING)) as nginx:
        (worker,) = nginx.workers()
        os.kill(worker, signal.SIGKILL)

        assert gone([worker])
        while not nginx.workers():
            pass
        assert "a worker of nginx was killed by signal 9" in nginx.death


@needs_nginx
def test_ends_with_whoever_started_it(moved):
    """Nothing of it is left when the program that started it is killed."""
    run = moved(PASSING)
    program = (
        "import sys; from pathlib import Path\n"
        "from pulsegate.harness.proxy.configuration import read_configuration\n"
        "from pulsegate.harness.proxy.nginx import Nginx\n"
        "from pulsegate.harness.proxy.relocation import relocate\n"
        "conf, folder = map(Path, sys.argv[1:])\n"
        f"nginx = Nginx(relocate(read_configuration(conf), folder, {TARGET!r})); nginx.start()\n"
        "print(nginx.pid, *nginx.workers(), flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(run.configuration.path), str(run.directory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as starter:
        pids = [int(word) for word in starter.stdout.readline().split()]
        starter.kill()

    assert len(pids) == 2
    assert gone(pids)


@needs_nginx
def test_version():
    """The version is nginx's own, and can be compared."""
    found = find_nginx()

    assert found.version == nginx_version(found.binary) >= Version(1, 0, 0)
    assert str(found.version) in str(found)


def test_no_nginx_at_all(monkeypatch):
    """Where there is neither an nginx nor a container engine, it is said how to get one."""
    monkeypatch.setattr(type(part("nginx")), "find", lambda _: None)
    monkeypatch.setattr(containers, "why_not", lambda: "no engine answers here")

    with pytest.raises(ToolMissing, match=r"install nginx-light.*or run a container engine \(no engine answers here\)"):
        find_nginx()


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "unix:///nowhere/docker.sock"])
def test_no_container_engine(monkeypatch, address):
    """Without an engine, why there are no containers is one sentence."""
    monkeypatch.setenv("DOCKER_HOST", address)

    assert "engine" in containers.why_not()
    assert "\n" not in containers.why_not()
