"""Configurations for the laboratory's tests: short ones as text, and one as large as real ones are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from pulsegate.harness.proxy.configuration import Configuration, read_configuration

Configured = Callable[..., Configuration]

_VHOST = """\
# {name}: an ordinary site
server {{
    listen 80;
    listen [::]:80;
    server_name {name}.example www.{name}.example;
    return 301 https://{name}.example$request_uri;
}}

server {{
    listen 443 ssl;
    server_name {name}.example;
    include snippets/tls.conf;
    root /srv/{name};

    location / {{
        try_files $uri $uri/ /index.html;
    }}

    location ~* \\.(css|js|png)$ {{
        expires 7d;
        access_log off;
    }}

    location /media/ {{
        proxy_pass http://media-{name}:9000/files/;
        include snippets/proxy.conf;
    }}
}}
"""

_MAIN = """\
user www-data;
worker_processes 2;
pid /run/nginx.pid;
error_log /var/log/nginx/error.log warn;

events {
    worker_connections 1024;
    multi_accept on;
}

http {
    sendfile on;
    server_tokens off;
    map_hash_bucket_size 128;
    types {
        text/html html;
        text/css css;
    }
    log_format main '$remote_addr "$request" '
                    '$status $body_bytes_sent';
    access_log /var/log/nginx/access.log main;

    map $http_upgrade $upstream_connection {
        default upgrade;
        ''      '';
    }
    map $cookie_release $pool {
        include maps/*.map;
        default backend;
    }

    upstream backend {
        least_conn;
        server app1:8000 weight=2;
        server app2:8000;
        server app3:8000 backup;
        keepalive 16;
    }
    upstream canary {
        server unix:/run/canary.sock;
    }

    include conf.d/*.conf;
}
"""

_CHAT = """\
server {
    listen 80 default_server;
    server_name chat.example;
    resolver 127.0.0.11 valid=10s;
    client_max_body_size 4m;

    location / {
        root /srv/chat;
        try_files $uri /index.html;
    }

    location /api/ {
        proxy_pass http://$pool;
        proxy_http_version 1.1;
        include snippets/proxy.conf;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $upstream_connection;
        proxy_buffering off;
        proxy_read_timeout 90s;
    }
}
"""


@pytest.fixture
def configured(tmp_path: Path) -> Configured:
    """Read a configuration from its text; further files by name as keywords' dictionary."""

    def write(text: str, others: dict[str, str] | None = None, name: str = "nginx.conf") -> Configuration:
        for file, content in {**(others or {}), name: text}.items():
            (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / file).write_text(dedent(content), encoding="utf-8", newline="")
        return read_configuration(tmp_path / name)

    return write


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A good configuration of over 300 lines in many files: its nginx.conf."""
    files = {
        "nginx.conf": _MAIN,
        "conf.d/50-chat.conf": _CHAT,
        "maps/release.map": "canary canary;\n",
        "snippets/tls.conf": "ssl_certificate /etc/ssl/site.pem;\nssl_certificate_key /etc/ssl/site.key;\n",
        "snippets/proxy.conf": "proxy_set_header Host $host;\nproxy_set_header X-Forwarded-For $remote_addr;\n",
        **{f"conf.d/{10 + index}-site{index}.conf": _VHOST.format(name=f"site{index}") for index in range(10)},
    }
    for file, content in files.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(content, encoding="utf-8")
    assert sum(content.count("\n") for content in files.values()) > 300
    return tmp_path / "nginx.conf"
