"""The directives of one nginx file, each with its place: crossplane's words, and where they stand in the text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import crossplane
from crossplane.analyzer import DIRECTIVES, analyze
from crossplane.errors import NgxParserDirectiveArgumentsError, NgxParserSyntaxError

from pulsegate.harness.errors import UsageError

_MARKS = frozenset("{};")


@dataclass(frozen=True)
class Word:
    """A word of a file: its `value`, and its `raw` text with quotes, which begins at `start` (a character offset)."""

    value: str
    raw: str
    start: int
    line: int
    quoted: bool

    @property
    def end(self) -> int:
        """The offset after its last character."""
        return self.start + len(self.raw)

    @property
    def mark(self) -> str:
        """``{``, ``}`` or ``;`` where it is that; else empty."""
        return self.raw if self.raw in _MARKS and not self.quoted else ""


@dataclass(eq=False)
class Directive:
    """A directive as it is in force: included files stand in the `block` that includes them.

    `line` is 0 for a block that the user's text lacks and Pulsegate thinks around it.
    """

    name: str
    args: tuple[str, ...]
    file: Path
    line: int
    words: tuple[Word, ...] = field(default=(), repr=False)
    block: list[Directive] | None = field(default=None, repr=False)
    parent: Directive | None = field(default=None, repr=False)
    opening: Word | None = field(default=None, repr=False)
    """The brace that opens its block."""
    last: Word | None = field(default=None, repr=False)
    """What ends it: its semicolon or its closing brace."""

    @property
    def generated(self) -> bool:
        """Whether the user's text lacks it."""
        return self.line == 0

    @property
    def place(self) -> str:
        """``file:line``."""
        return f"{self.file}:{self.line}"

    @property
    def text(self) -> str:
        """It on one line, as the user wrote it; a block without its content."""
        written = " ".join(word.raw for word in self.words) or " ".join((self.name, *self.args))
        return written + (";" if self.block is None else "")

    @property
    def start(self) -> int:
        """The offset of its first character."""
        return self.words[0].start

    @property
    def end(self) -> int:
        """The offset after its semicolon or closing brace."""
        return self.last.end if self.last else self.start

    def named(self, *names: str) -> list[Directive]:
        """The directives of these names directly in its block."""
        return [directive for directive in self.block or () if directive.name in names]

    def walk(self) -> Iterator[Directive]:
        """It and everything in it, in order."""
        yield self
        for directive in self.block or ():
            yield from directive.walk()

    def around(self) -> Iterator[Directive]:
        """The blocks it is in, the innermost first."""
        block = self.parent
        while block is not None:
            yield block
            block = block.parent


def read_text(file: Path) -> str:
    """The file's text with its own line ends; UsageError when it cannot be read."""
    try:
        with file.open(encoding="utf-8", newline="") as opened:
            return opened.read()
    except UnicodeDecodeError:
        raise UsageError(f"{file}: not text in UTF-8") from None
    except OSError as problem:
        raise UsageError(f"{file}: cannot be read: {problem.strerror}") from None


def read_words(file: Path) -> list[Word]:
    """The words of `file` without comments; UsageError names the line that cannot be understood."""
    text = read_text(file)
    words: list[Word] = []
    at = 0
    try:
        for value, line, quoted in crossplane.lex(str(file)):
            at = _skip_space(text, at)
            raw = _quoted_at(text, at) if quoted else value
            if not raw or not text.startswith(raw, at):
                raise UsageError(f"{file}:{line}: cannot be read here; Lua blocks are not supported")
            if quoted or not raw.startswith("#"):
                words.append(Word(value, raw, at, line, quoted))
            at += len(raw)
    except NgxParserSyntaxError as problem:
        raise UsageError(f"{file}:{problem.lineno}: {problem.strerror}") from None
    rest = text[at:].strip()
    if rest and not rest.startswith("#"):
        line = text.count("\n", 0, _skip_space(text, at)) + 1
        raise UsageError(f'{file}:{line}: unexpected end of file, expecting ";" or "}}" after {rest.split()[0]!r}')
    return words


def _skip_space(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _quoted_at(text: str, start: int) -> str:
    if text[start : start + 1] not in ("'", '"'):
        return ""
    at = start + 1
    while at < len(text) and text[at] != text[start]:
        at += 2 if text[at] == "\\" else 1
    return text[start : at + 1]


def build(words: Sequence[Word], file: Path, parent: Directive | None) -> list[Directive]:
    """The directives that `words` make, within `parent`; UsageError for a semicolon or a name that is missing."""
    top: list[Directive] = []
    inside, into = parent, top
    outer: list[tuple[Directive | None, list[Directive]]] = []
    waiting: list[Word] = []
    for word in words:
        if not word.mark:
            waiting.append(word)
            continue
        if word.mark == "}":
            _refuse_waiting(waiting, file)
            if inside is not None:
                inside.last = word
            inside, into = outer.pop()
            continue
        made = _directive(waiting, word, file, inside)
        waiting = []
        into.append(made)
        if word.mark == "{":
            outer.append((inside, into))
            made.opening, made.block = word, []
            inside, into = made, made.block
    _refuse_waiting(waiting, file)
    return top


def _refuse_waiting(waiting: list[Word], file: Path) -> None:
    if waiting:
        raise UsageError(f'{file}:{waiting[0].line}: directive "{waiting[0].value}" is not terminated by ";"')


def _directive(waiting: list[Word], mark: Word, file: Path, parent: Directive | None) -> Directive:
    if not waiting:
        raise UsageError(f'{file}:{mark.line}: unexpected "{mark.raw}"')
    name, *rest = waiting
    args = tuple(word.value for word in rest)
    if mark.mark == ";" and any(_begins_another(word, before) for before, word in zip(waiting, rest, strict=False)):
        _refuse_run_on(name, args, file)
    return Directive(name.value, args, file, name.line, tuple(waiting), parent=parent, last=mark)


def _begins_another(word: Word, before: Word) -> bool:
    return word.line > before.line and not word.quoted and word.value in DIRECTIVES


def _refuse_run_on(name: Word, args: tuple[str, ...], file: Path) -> None:
    """nginx takes a line without its semicolon and the next one for one directive, and names neither clearly."""
    statement = {"directive": name.value, "line": name.line, "args": list(args)}
    try:
        analyze(str(file), statement, ";", check_ctx=False)
    except NgxParserDirectiveArgumentsError:
        raise UsageError(f'{file}:{name.line}: directive "{name.value}" is not terminated by ";"') from None
