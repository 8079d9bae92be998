"""What becomes of each directive when a configuration moves into a folder and ports of its own."""

from __future__ import annotations

import grp
import os
import pwd
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from pulsegate.harness.errors import UsageError
from pulsegate.harness.proxy.certificate import write_certificate
from pulsegate.harness.proxy.configuration import PROXIED
from pulsegate.harness.proxy.directives import Directive
from pulsegate.harness.proxy.installation import HTTP_2_DIRECTIVE, Version
from pulsegate.harness.proxy.ports import MovedListen, moved_listens
from pulsegate.harness.proxy.routing import Destination, Routes, destination_of
from pulsegate.harness.proxy.settings import milliseconds

APPLICATION = "$pulsegate_application"
FRONT_END = "$pulsegate_front_end"
FRONT_END_PAGE = "<!doctype html><title>Front end</title><p>The front end of the application.</p>"
#: The timeouts that a scaled copy changes, with nginx's defaults in ms (None: unlimited).
SCALED: dict[str, int | None] = {
    "proxy_read_timeout": 60_000,
    "proxy_send_timeout": 60_000,
    "send_timeout": 60_000,
    "worker_shutdown_timeout": None,
}
_KINDS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
#: Given up silently: they concern the process, the machine or other addresses, not what is passed on.
_DROPPED = frozenset(
    {
        "include", "user", "pid", "daemon", "master_process", "lock_file", "working_directory", "worker_priority",
        "error_log", "resolver", "resolver_timeout", "proxy_bind", "ssl_stapling", "ssl_stapling_verify",
        "ssl_stapling_file", "ssl_stapling_responder", *(f"{kind}_temp_path" for kind in _KINDS),
    }
)  # fmt: skip
#: Given up with a note: whoever measures is told.
_LEFT_OUT = {
    "stream": "the stream block is left out: only HTTP is measured",
    "mail": "the mail block is left out: only HTTP is measured",
    "auth_basic": "password protection (auth_basic) is left out",
    "auth_basic_user_file": "password protection (auth_basic) is left out",
    "ssl_verify_client": "client certificates (ssl_verify_client) are not asked for",
    "ssl_client_certificate": "client certificates (ssl_verify_client) are not asked for",
}
_OTHER_PROTOCOLS = ("fastcgi_pass", "uwsgi_pass", "scgi_pass", "grpc_pass", "memcached_pass")
_CACHES = tuple(f"{kind}_cache_path" for kind in _KINDS[1:])
#: Files that nginx reads at its start; left out where they are missing.
_FILES = ("ssl_dhparam", "ssl_trusted_certificate", "ssl_crl", "ssl_password_file", "ssl_session_ticket_key",
          "proxy_ssl_certificate", "proxy_ssl_certificate_key", "proxy_ssl_trusted_certificate",
          "proxy_ssl_crl")  # fmt: skip
#: What a server of an upstream may keep: the rest names other servers' states or needs a resolver.
_SERVER_PARAMETERS = re.compile(r"(weight|max_fails|fail_timeout|max_conns)=")


@dataclass(frozen=True, eq=False)
class MovedServer:
    """A ``server`` block and where it listens now; `application`: it is the one that the documented paths meet."""

    directive: Directive
    names: tuple[str, ...]
    listens: tuple[MovedListen, ...]
    application: bool

    @property
    def url(self) -> str:
        """Its base URL; by TLS where it has that, as its users do."""
        best = max(self.listens, key=lambda listen: listen.tls)
        return f"{'https' if best.tls else 'http'}://127.0.0.1:{best.port}"


class Move:
    """One configuration's way into `directory`."""

    def __init__(
        self,
        routes: Routes,
        directory: Path,
        target_url: str,
        scale: float,
        version: Version | None = None,
        *,
        addresses: Mapping[str, str] | None = None,
    ) -> None:
        target = urlsplit(target_url)
        if not target.hostname or target.path not in ("", "/") or target.query:
            raise UsageError(
                f"{target_url}: the proxy laboratory needs a target without a path, such as http://host:8000"
            )
        self.routes = routes
        self.directory = directory
        self.target = target.netloc.rpartition("@")[2]
        self.target_scheme = target.scheme
        self.notes: list[str] = []
        self._scale = scale
        self._version = version or HTTP_2_DIRECTIVE
        self._addresses = addresses or {}
        self._listens = moved_listens(routes.configuration.servers)
        self._front_end = self._listens.spare
        self._caches = 0
        self.servers = [self._server(directive) for directive in routes.configuration.servers]
        self._rules = self._table()

    def _server(self, directive: Directive) -> MovedServer:
        names = tuple(name for given in directive.named("server_name") for name in given.args)
        return MovedServer(directive, names, self._listens.of[directive], directive is self.routes.server)

    @cached_property
    def ca_file(self) -> Path | None:
        """What signs the certificate, which is made on first use; None when nothing is served over TLS."""
        tls = any(listen.tls for server in self.servers for listen in server.listens)
        given = any(directive.name == "ssl_certificate" for directive in self.routes.configuration.walk())
        return write_certificate(self.directory) if tls or given else None

    def note(self, sentence: str) -> None:
        """Remember what is not as it was, once."""
        if sentence not in self.notes:
            self.notes.append(sentence)

    # What Pulsegate adds

    def main_header(self) -> list[str]:
        """For the main context. As root, the workers stay root: others could not enter the folder."""
        lines = ["daemon off;", f'pid "{self.directory}/nginx.pid";', f'error_log "{self.directory}/error.log" notice;']
        if os.geteuid() == 0:
            lines.append(f"user {pwd.getpwuid(0).pw_name} {grp.getgrgid(os.getegid()).gr_name};")
        return lines

    def block_header(self, block: Directive) -> list[str]:
        """What stands first in `block`."""
        if block.name == "http":
            return self._http_header(block)
        if block.name == "server" and block in self._listens.of:
            return [listen.statement for listen in self._listens.of[block] if listen.given.generated]
        # who may come in from outside may come in from here
        return ["allow 127.0.0.1;"] if block.named("allow") else []

    def _http_header(self, http: Directive) -> list[str]:
        temporary = [f'{kind}_temp_path "{self.directory}/temp/{kind}";' for kind in _KINDS]
        logged = [] if http.named("access_log") else [f'access_log "{self.directory}/access.log";']
        return [*temporary, *logged, *self._scaled_defaults(http)]

    def _scaled_defaults(self, http: Directive) -> list[str]:
        unset = {name: ms for name, ms in SCALED.items() if ms is not None and not http.named(name)}
        return [self._scaled(name, ms) for name, ms in unset.items()] if self._scale != 1 else []

    def block_footer(self, block: Directive) -> list[str]:
        """What stands last in `block`: the front end, in ``http``, and names for what variables lead to.

        Last, because a map before the user's ``map_hash_bucket_size`` would make that one a mistake.
        """
        if block.name != "http":
            return []
        values = {APPLICATION: self.target, FRONT_END: f"127.0.0.1:{self._front_end}"}
        upstreams = [f"upstream {name[1:]} {{ server {address}; }}" for name, address in values.items()]
        maps = [f'map "" {name} {{ default {name[1:]}; }}' for name in values]
        answer = f"default_type text/html; return 200 '{FRONT_END_PAGE}';"
        server = f"server {{ listen 127.0.0.1:{self._front_end}; access_log off; location / {{ {answer} }} }}"
        return [*upstreams, *maps, server]

    # What becomes of the user's

    def rewritten(self, directive: Directive) -> list[str] | None:
        """The statements that stand for `directive`; None where it stays as it is."""
        if directive.name in _DROPPED:
            return []
        if directive.name in _LEFT_OUT:
            self.note(_LEFT_OUT[directive.name])
            return []
        rule = self._rules.get(directive.name)
        return rule(directive) if rule and (directive.args or directive.name == "listen") else None

    def _table(self) -> dict[str, Callable[[Directive], list[str] | None]]:
        rules: dict[str, Callable[[Directive], list[str] | None]] = {
            "listen": self._listen,
            "http2": self._http2,
            "server": self._upstream_server,
            PROXIED: self._proxy_pass,
            "set": self._set,
            "access_log": self._access_log,
            "root": self._root,
            "alias": self._alias,
            "ssl_certificate": lambda _: self._certificate("ssl_certificate", "certificate.pem"),
            "ssl_certificate_key": lambda _: self._certificate("ssl_certificate_key", "key.pem"),
        }
        rules |= dict.fromkeys(_OTHER_PROTOCOLS, self._other_protocol)
        rules |= dict.fromkeys(_CACHES, self._cache)
        rules |= dict.fromkeys(_FILES, self._file)
        if self._scale != 1:
            rules |= dict.fromkeys(SCALED, self._timeout)
        return rules

    def _listen(self, directive: Directive) -> list[str] | None:
        listen = self._listens.by_directive.get(directive)
        if listen is None:
            return []
        on = listen.http2 and listen.tls and "http2" not in listen.given.parameters
        return [f"{listen.statement[:-1]} http2;" if on and self._version < HTTP_2_DIRECTIVE else listen.statement]

    def _http2(self, directive: Directive) -> list[str] | None:
        if self._version >= HTTP_2_DIRECTIVE:
            return None
        self.note(f"{directive.text} is said where the server listens: nginx {self._version} knows no such directive")
        return []

    def _upstream_server(self, directive: Directive) -> list[str] | None:
        if directive.block is not None or directive.parent is None or directive.parent.name != "upstream":
            return None
        if {"backup", "down"} & set(directive.args):
            return []
        kept = [word for word in directive.args[1:] if _SERVER_PARAMETERS.match(word)]
        own = self._own_address(directive.args[0])
        application = directive.parent.args[0] in self.routes.application
        given = self._addresses.get(directive.args[0], self.target)
        address = own or (given if application else f"127.0.0.1:{self._front_end}")
        return [" ".join(["server", address, *kept]) + ";"]

    def _proxy_pass(self, directive: Directive) -> list[str] | None:
        text = directive.args[0]
        destination = destination_of(text)
        if destination is not None:
            moved = self._moved(destination, application=self.routes.is_application(directive))
        elif self.routes.values(text) != {text}:
            return None
        elif "$" not in text:
            return None  # nginx's own sentence tells what is wrong with it
        else:
            self.note(f"{directive.place}: nothing says what {text} is; it leads to the front end")
            moved = f"http://{FRONT_END}"
        return [*_named(directive), f'{PROXIED} "{moved}";']

    def _moved(self, destination: Destination, *, application: bool) -> str:
        authority = destination.authority
        scheme = self.target_scheme if application else "http"
        known = self.routes.configuration.upstreams
        if "$" in authority:
            if not self.routes.values(authority) <= known.keys():
                authority = APPLICATION if application else FRONT_END
        elif own := self._own_address(authority):
            authority, scheme = own, destination.scheme
        elif authority not in known:
            authority = self.target if application else f"127.0.0.1:{self._front_end}"
        return f"{scheme}://{authority}{destination.rest}"

    def _own_address(self, authority: str) -> str | None:
        """Where this very configuration answers as `authority`, when it does."""
        port = self._listens.own_port(authority)
        return f"127.0.0.1:{port}" if port else None

    @cached_property
    def _whole_addresses(self) -> frozenset[str]:
        """The variables that stand for a whole address in some ``proxy_pass``."""
        passed = [d.args[0] for d in self.routes.configuration.walk() if d.name == PROXIED and d.args]
        found = [re.match(r"\$\{?(\w+)", text) for text in passed]
        return frozenset(match[1] for match in found if match)

    def _set(self, directive: Directive) -> list[str] | None:
        if len(directive.args) != 2 or directive.args[0].lstrip("$") not in self._whole_addresses:
            return None
        return [f'set {directive.args[0]} "{self._address_value(directive.args[1])}";']

    def entry(self, entry: Directive) -> str:
        """An entry of a map, moved when it is an address that requests are passed to."""
        around = entry.parent
        if around is None or around.name != "map" or around.args[-1].lstrip("$") not in self._whole_addresses:
            return entry.text
        return f'{entry.words[0].raw} "{self._address_value(entry.args[0])}";' if entry.args else entry.text

    def _address_value(self, text: str) -> str:
        destination = destination_of(text)
        if destination is None:
            return text
        return self._moved(destination, application=destination.authority in self.routes.application)

    def _other_protocol(self, directive: Directive) -> list[str]:
        self.note(f"{directive.place}: {directive.name} leads to the front end: only HTTP upstreams are measured")
        return [f"{PROXIED} http://127.0.0.1:{self._front_end};"]

    def _access_log(self, directive: Directive) -> list[str] | None:
        if directive.args[0] == "off":
            return None
        rest = [word.raw for word in directive.words[2:]]
        return [" ".join(["access_log", f'"{self.directory}/access.log"', *rest]) + ";"]

    def _cache(self, directive: Directive) -> list[str]:
        self._caches += 1
        rest = [word.raw for word in directive.words[2:] if not word.value.startswith("use_temp_path")]
        return [" ".join([directive.name, f'"{self.directory}/cache-{self._caches}"', *rest]) + ";"]

    def _root(self, directive: Directive) -> list[str]:
        return [f'root "{self._existing(directive.args[0]) or self.directory / "html"}";']

    def _alias(self, directive: Directive) -> list[str]:
        found = self._existing(directive.args[0]) or self.directory / "html"
        slash = "/" if directive.args[0].endswith("/") else ""
        return [f'alias "{found}{slash}";']

    def _file(self, directive: Directive) -> list[str]:
        found = self._existing(directive.args[0])
        if found is None:
            self.note(f"{directive.place}: {directive.name} is left out: {directive.args[0]} is not there")
        return [f'{directive.name} "{found}";'] if found else []

    def _existing(self, path: str) -> Path | None:
        file = self.routes.configuration.path.parent.resolve() / path
        return file if "$" not in path and file.exists() else None

    def _certificate(self, name: str, file: str) -> list[str]:
        return [f'{name} "{self.directory / file}";'] if self.ca_file else []

    def _timeout(self, directive: Directive) -> list[str] | None:
        ms = milliseconds(directive.args[0])
        return None if ms is None else [self._scaled(directive.name, ms)]

    def _scaled(self, name: str, ms: int) -> str:
        return f"{name} {max(1, round(ms * self._scale))}ms;"


def _named(passed: Directive) -> list[str]:
    """The variables of a ``proxy_pass`` once more, so that nginx still rejects those that nothing sets."""
    inside = passed.parent is not None and passed.parent.name == "location"
    return [f"set $pulsegate_named {passed.words[1].raw};"] if inside and "$" in passed.args[0] else []
