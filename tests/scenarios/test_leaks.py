"""The scanner for tokens and internals."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from pulsegate.scenarios.contract.leaks import any_tokens, internal_details, token_leaks

TOKEN = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbGljZSIsImV4cCI6MX0.c2lnbmF0dXJlLW9mLTMyLWJ5dGVz+/="


@pytest.mark.parametrize(
    "text",
    [
        "Please select one item from the menu; I will update the set of tasks and delete the rest from my list.",
        "Select a time from the table below where it says 'free'.",
        "GET /api/copilotkit?protocol=sse answers on http://localhost:3000/ai-chat and https://example.com/home/alice/notes",
        "See /home/dashboard, /settings/profile, 12/24/2026 and and/or, s/he, 1/2/3.",
        "Use /help or /start; the file is called report.py, version 3.2.",
        "The stream has failed: a failure was asked for.",
        "Traceback is a word. It was line 3 of the file.",
        '{"type":"heartbeat","data":{"timestamp":"2026-11-21T10:00:00.000+00:00","authenticated":false}}',
        "INSERT coin, UPDATE your profile, DELETE the task: UPDATE task 2 title to 'Buy organic milk'",
        "I'll be at home (see you at 10:30) at the café (open 9:00)",
    ],
)
def test_ordinary_text_gives_nothing_away(text: str) -> None:
    """Chat text, URLs and dates are no internals."""
    assert internal_details(text) == []


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Traceback (most recent call last):\n ...", "a Python traceback"),
        ('File "/srv/app/chat.py", line 12, in answer', "a Python traceback"),
        ('{"message":"File \\"/srv/app/chat.py\\", line 12"}', "a Python traceback"),
        ("at Object.run (/app/server.js:10:5)", "a stack trace"),
        ("SELECT id, email FROM users WHERE id = 1", "SQL"),
        ("select * from users", "SQL"),
        ("select email from users where id = 3", "SQL"),
        ("(sqlite3.OperationalError) no such table: users [SQL: SELECT 1]", "SQL"),
        ("INSERT INTO messages (role, content) VALUES (?, ?)", "SQL"),
        ("UNIQUE constraint failed: users.email", "a database error"),
        ("cannot open /var/lib/chat/store.db", "a path of the server"),
        ("No such file: /app/services/chat.py", "a path of the server"),
        ("/usr/lib/python3.11/site-packages/starlette", "a path of the server"),
        ("C:\\Users\\svc\\chat", "a path of the server"),
    ],
)
def test_internals_are_found(text: str, label: str) -> None:
    """Tracebacks, SQL, database errors and paths of the server are named by their kind."""
    assert any(found.startswith(label) for found in internal_details(text))


@pytest.mark.parametrize(
    "text",
    [f"token={TOKEN}", quote(TOKEN, safe=""), TOKEN.split(".")[1], f"signature {TOKEN.split('.')[2]}"],
)
def test_a_token_is_found_whole_encoded_or_in_part(text: str) -> None:
    """A token is found whole, URL-encoded, and by its payload or signature."""
    assert token_leaks(text, {"alice": TOKEN}) == ["the token of alice"]


@pytest.mark.parametrize("text", ["", "alice@example.com", TOKEN.split(".", maxsplit=1)[0], "not a token"])
def test_what_everybody_knows_is_no_token(text: str) -> None:
    """A user's address, and the header that all such tokens share, give no token away."""
    assert token_leaks(text, {"alice": TOKEN, "short": "not"}) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"opened with {TOKEN.rstrip('=')}", True),
        ("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.", True),
        ("eyJub3QgYSBoZWFkZXIi.eyJub3QgYSBjbGFpbSI.abc", False),
        ("eyJhbGciOiJub25lIn0 and eyJzdWIiOiJhbGljZSJ9 are two words", False),
        ("version 1.2.3 of www.example.com", False),
    ],
)
def test_a_token_is_known_by_its_header(text: str, found: bool) -> None:
    """Three parts of which the first names an algorithm are a token, whoever it belongs to."""
    assert bool(any_tokens(text)) is found
