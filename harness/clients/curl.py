"""The curl command that repeats an exchange, ready to paste into a POSIX shell."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable

from pulsegate.harness.clients.masking import Masker, Piece
from pulsegate.harness.clients.options import ConnectOptions
from pulsegate.harness.clients.request import Request

#: A longer body is named instead of shown, in bytes.
LONGEST_BODY = 8192

_VARIABLE = re.compile(r"\$[A-Za-z_][A-Za-z0-9_]*")
#: What a shell takes notice of within double quotes ("!" when it is interactive).
_SPECIAL = re.compile(r"[\\\\\"$`!]")
_UPGRADE = (
    ("Connection", "Upgrade"),
    ("Upgrade", "websocket"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", "cHVsc2VnYXRlIGNoZWNrcw=="),
)


def curl_command(request: Request, kind: str, masker: Masker, options: ConnectOptions) -> str:
    """The command for `request`; `kind` is "http", "stream" or "websocket" as in the record."""
    words = ["curl", "-I" if request.method == "HEAD" else "-i"]
    headers = list(request.headers)
    if kind != "http":
        words.append("-N")
    if kind == "websocket":
        words.append("--http1.1")
        headers += _UPGRADE
    elif request.method not in ("GET", "HEAD") and not (request.method == "POST" and request.body):
        words += ["-X", request.method]
    words += _connection_words(request.url, options)
    for name, value in _with_content_type(request, headers):
        words += ["-H", quote_masked(masker.pieces(f"{name}: {value}" if value else f"{name};"))]
    before, body_words = _body_words(request, masker)
    return before + " ".join([*words, *body_words, quote_masked(masker.pieces(request.url))])


def websocket_command(request: Request, masker: Masker, options: ConnectOptions) -> str:
    """The command that opens the same WebSocket, to which ``--send`` may be added."""
    words = ["pulsegate", "ws"]
    if request.url.startswith(("https", "wss")) and options.insecure:
        words.append("--insecure")
    elif request.url.startswith(("https", "wss")) and options.ca_file is not None:
        words += ["--ca-file", shlex.quote(str(options.ca_file))]
    for name, value in request.headers:
        words += ["-H", quote_masked(masker.pieces(f"{name}: {value}"))]
    return " ".join([*words, quote_masked(masker.pieces(request.url))])


def quote_masked(pieces: Iterable[Piece]) -> str:
    """One shell word: text as it is, names of secrets as variables in double quotes."""
    pieces = list(pieces)
    if not any(_is_variable(piece) for piece in pieces):
        return shlex.quote("".join(piece.text for piece in pieces))
    if not any(_SPECIAL.search(piece.text) for piece in pieces if not _is_variable(piece)):
        return '"' + "".join(_spelled(pieces)) + '"'
    return "".join(f'"{piece.text}"' if _is_variable(piece) else shlex.quote(piece.text) for piece in pieces)


def _is_variable(piece: Piece) -> bool:
    return piece.secret and _VARIABLE.fullmatch(piece.text) is not None


def _spelled(pieces: list[Piece]) -> Iterable[str]:
    for piece, after in zip(pieces, [*pieces[1:], Piece("", secret=False)], strict=True):
        runs_on = re.match(r"[A-Za-z0-9_]", after.text)
        yield "${" + piece.text[1:] + "}" if _is_variable(piece) and runs_on else piece.text


def _connection_words(url: str, options: ConnectOptions) -> list[str]:
    words: list[str] = []
    if url.startswith("https") and options.insecure:
        words.append("-k")
    elif url.startswith("https") and options.ca_file is not None:
        words += ["--cacert", shlex.quote(str(options.ca_file))]
    if re.search(r"[{}\[\]]", url):
        words.append("-g")
    if "/./" in url or "/../" in url:
        words.append("--path-as-is")
    return words


def _with_content_type(request: Request, headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """`headers`, or with one more so that curl does not call the body a form."""
    if request.body and request.header("content-type") is None:
        return [*headers, ("Content-Type", "application/octet-stream")]
    return headers


def _body_words(request: Request, masker: Masker) -> tuple[str, list[str]]:
    body = request.body
    if not body:
        return "", []
    if len(body) > LONGEST_BODY:
        return f"# BODY_FILE holds the {len(body)} bytes of the body\n", ["--data-binary", '@"$BODY_FILE"']
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        octal = "".join(f"\\{byte:03o}" for byte in masker.mask_reads([body])[0])
        return f"printf '{octal}' | ", ["--data-binary", "@-"]
    option = "--data-raw" if text.startswith("@") else "--data"
    return "", [option, quote_masked(masker.pieces(text))]
