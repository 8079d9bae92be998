"""Completions are judged as their format says, and refusals by what they give away."""

from __future__ import annotations

import json

import pytest

from pulsegate.scenarios.contract import cmp_tools

NOW = 1_700_000_000.0


def completion(**members):
    choice = {"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}
    whole = {"id": "x", "object": "chat.completion", "created": int(NOW), "model": "m", "choices": [choice]}
    return {**whole, **members}


def choice(**members):
    return [{"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop", **members}]


@pytest.mark.parametrize(
    "answer",
    [
        completion(),
        completion(created=int(NOW) - 59, usage={"total_tokens": 3}, system_fingerprint=None),
        completion(choices=choice(logprobs=None, message={"role": "assistant", "content": "Hi", "refusal": None})),
    ],
)
def test_whole_completions_are_sound(answer):
    """Further members and a created within a minute are no fault."""
    assert cmp_tools.completion_problems(answer, NOW, NOW + 1) == []


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (completion(id=7), "id is 7"),
        (completion(id=""), 'id is ""'),
        (completion(object="chat.completion.chunk"), "object is"),
        (completion(created=str(int(NOW))), "not an integer"),
        (completion(created=NOW), "not an integer"),
        (completion(created=True), "not an integer"),
        (completion(created=int(NOW) - 3600), "-3601 s from now"),
        (completion(created=int(NOW) + 62), "s from now"),
        (completion(created=int(NOW) * 1000), "s from now"),
        (completion(model=None), "model is null"),
        (completion(choices=[]), "choices is []"),
        (completion(choices=choice() * 2), "not a list of one object"),
        (completion(choices=choice(index=1)), "index is 1"),
        (completion(choices=choice(index=False)), "index is false"),
        (completion(choices=choice(finish_reason=None)), "finish_reason is null"),
        (completion(choices=choice(message={"role": "user", "content": "Hi"})), "role is"),
        (completion(choices=choice(message={"role": "assistant", "content": ""})), "content is"),
        (completion(choices=choice(message={"role": "assistant", "content": ["Hi"]})), "content is"),
        (completion(choices=choice(message="Hi")), "message is"),
    ],
)
def test_faults_of_whole_completions_are_named(answer, said):
    """Each wrong member is named with its value."""
    problems = cmp_tools.completion_problems(answer, NOW, NOW + 1)
    assert len(problems) == 1
    assert said in problems[0]


def chunk(content=None, reason=None, **members):
    delta = {} if content is None else {"content": content}
    choices = [{"index": 0, "delta": delta, "finish_reason": reason}]
    return json.dumps({"id": "x", "object": "chat.completion.chunk", "created": 1, "choices": choices, **members})


ROLE = json.dumps({"object": "chat.completion.chunk", "choices": [{"delta": {"role": "assistant", "content": ""}}]})
USAGE = chunk(choices=[], usage={"total_tokens": 3})
STOP = chunk(reason="stop")


def problems_of(data):
    chunks = cmp_tools.read_chunks(data)
    return chunks.problems + cmp_tools.finish_problems(chunks) + cmp_tools.ending_problems(chunks)


@pytest.mark.parametrize(
    "data",
    [
        [ROLE, chunk("Hello "), chunk("you"), STOP, "[DONE]"],
        [chunk("Hello"), chunk(" you"), chunk("\n"), STOP, USAGE, "[DONE]"],
        [chunk("Hel"), chunk("lo"), chunk(""), chunk(" you", "stop"), " [DONE] "],
        ['{"type": "heartbeat"}', chunk("Hello"), '{"choices": null, "object": "ping"}', STOP, "[DONE]", "{}"],
        [chunk("a\u00a0b\u3000c "), chunk("d"), STOP, "[DONE]"],
    ],
)
def test_sound_streams_have_no_problems(data):
    """Role-only and empty deltas, usage, heartbeats and any way to cut words are allowed."""
    assert problems_of(data) == []


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ([chunk("Hello you"), STOP, "[DONE]"], "a delta holds 2 words"),
        ([chunk("Hello\tyou"), STOP, "[DONE]"], "a delta holds 2 words"),
        ([chunk("Hello"), STOP, STOP, "[DONE]"], "2 finish reasons"),
        ([chunk("Hello"), chunk(reason="length"), "[DONE]"], "the finish reason is length"),
        ([chunk("Hello"), STOP, chunk("you"), "[DONE]"], "content after the finish reason"),
        ([chunk("Hello"), STOP, "[DONE]", chunk("you")], "a chunk after [DONE]"),
        ([chunk("Hello"), STOP, "[DONE]", "[DONE]"], "a second [DONE]"),
        ([chunk("Hello"), STOP], "no [DONE]"),
        ([chunk("Hello"), "[DONE]"], "no finish reason"),
        ([chunk("Hello")], "cut short"),
        ([], "cut short"),
        ([chunk("Hello", object="chat.completion"), STOP, "[DONE]"], "object is"),
        ([chunk(7), STOP, "[DONE]"], "content is 7"),
        ([chunk("Hello", created="1"), STOP, "[DONE]"], "created is"),
        ([chunk("Hello"), "Hello", STOP, "[DONE]"], "neither a JSON object nor [DONE]"),
        ([chunk("Hello"), '{"error": {"message": "x"}}', STOP, "[DONE]"], "reports an error"),
        ([chunk("Hello", choices=[{"index": 1, "delta": {}}]), STOP, "[DONE]"], "index is 1"),
        ([chunk("Hello", choices=[{}, {}]), STOP, "[DONE]"], "not a list of one object"),
    ],
)
def test_faults_of_streams_are_named(data, said):
    """Each fault is named."""
    assert any(said in problem for problem in problems_of(data))


def test_deltas_are_joined_and_words_begin_where_they_begin():
    """Words that come in pieces count once, with the message that begins them."""
    chunks = cmp_tools.read_chunks([ROLE, chunk("Hel"), chunk("lo "), chunk(" "), chunk("you"), chunk(" there"), STOP])
    assert chunks.text == "Hello  you there"
    assert chunks.word_starts == [1, 4, 5]


def test_pieces_may_hold_several_words_where_no_words_are_promised():
    """A tokenizer's pieces need not be words."""
    chunks = cmp_tools.read_chunks([chunk("Hello you"), chunk("r w"), STOP, "[DONE]"], by_word=False)
    assert chunks.problems == []
    assert chunks.text == "Hello your w"


@pytest.mark.parametrize(
    ("usage", "said"),
    [
        ({"prompt_tokens": 2, "completion_tokens": 3, "total_tokens": 5, "details": {}}, ""),
        ({"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}, ""),
        (None, "usage is null"),
        ({"total_tokens": 3}, "without three counts"),
        ({"prompt_tokens": "2", "completion_tokens": 3, "total_tokens": 5}, "without three counts"),
        ({"prompt_tokens": True, "completion_tokens": 3, "total_tokens": 4}, "without three counts"),
        ({"prompt_tokens": -1, "completion_tokens": 3, "total_tokens": 2}, "without three counts"),
        ({"prompt_tokens": 2, "completion_tokens": 3, "total_tokens": 6}, "does not add up: 2 and 3 tokens, 6 in all"),
    ],
)
def test_tokens_are_counted_and_add_up(usage, said):
    """Three counts are needed, none below zero, and the last is the sum of the others."""
    problems = cmp_tools.usage_problems(usage)
    assert [said in problem for problem in problems] == ([True] if said else [])


def test_the_usage_of_a_stream_is_that_of_its_last_report():
    """Chunks without usage, or with null, change nothing."""
    chunks = cmp_tools.read_chunks([chunk("Hi", usage=None), STOP, USAGE, chunk(choices=[], usage=None), "[DONE]"])
    assert chunks.usage == {"total_tokens": 3}


ID, OTHER = "0f8fad5b-d9cb-469f-a165-70867728950e", "7c9e6679-7425-40de-944b-e07fc1f90ae7"


def parts(body, status=404):
    return cmp_tools.refusal_parts(status, body, [ID, OTHER])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"detail": "Not found"}', '{"detail":"Not found"}'),
        (f'{{"detail": "No conversation {ID}"}}', f'{{"detail": "No conversation {OTHER}"}}'),
        ('{"detail": "x", "request_id": "a1b2c3d4e5"}', '{"detail": "x", "request_id": "99b2c3d4e5"}'),
        ('{"at": "2026-11-21T10:00:00Z"}', '{"at": "2026-11-21T10:00:01Z"}'),
        ('{"at": 1795255200.5}', '{"at": 1795255200.512345}'),
        ("Not found", "Not  found\n"),
    ],
)
def test_refusals_that_differ_in_ids_and_times_are_the_same(one, other):
    """Ids, numbers, key order and white space tell nothing."""
    assert cmp_tools.telling_parts(parts(one), [parts(other)]) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"detail": "Not found"}', '{"detail": "Not yours"}'),
        ('{"detail": "Not found"}', '{"detail": "Not found", "owner": true}'),
        ('{"detail": "Not found", "hint": "x"}', '{"detail": "Not found"}'),
        ('{"detail": ["a"]}', '{"detail": ["a", "b"]}'),
        ("Not found", '{"detail": "Not found"}'),
    ],
)
def test_refusals_that_differ_otherwise_tell_ids_apart(one, other):
    """Another word or member is found."""
    assert cmp_tools.telling_parts(parts(one), [parts(other)])


def test_another_status_tells_ids_apart():
    """403 for a foreign id and 404 for an unknown one are told apart."""
    assert cmp_tools.telling_parts(parts("{}", 403), [parts("{}", 404)])[0].startswith("status")


def test_what_differs_between_unknown_ids_tells_nothing():
    """A request's own id, of whatever form, is left out of the comparison."""
    unknown = [parts('{"detail": "x", "trace": "abc"}'), parts('{"detail": "x", "trace": "xyz"}')]
    assert cmp_tools.telling_parts(parts('{"detail": "x", "trace": "qrs"}'), unknown) == []
    assert cmp_tools.telling_parts(parts('{"detail": "y", "trace": "qrs"}'), unknown)


APP = "http://localhost:3000"


def cors(origin=None, credentials=None):
    headers = {} if origin is None else {"access-control-allow-origin": origin}
    return headers if credentials is None else {**headers, "access-control-allow-credentials": credentials}


def test_the_application_needs_its_own_origin_and_credentials():
    """Only its exact origin with true lets a page use credentials."""
    assert cmp_tools.credential_problems(cors(APP, "true"), APP) == []
    for headers in (cors(), cors("*", "true"), cors(APP), cors(APP, "True"), cors(f"{APP}/", "true")):
        assert cmp_tools.credential_problems(headers, APP)


def test_strangers_may_not_get_credentials():
    """Credentials with a wildcard or an echo are found; the header alone, or the application's origin, is harmless."""
    evil = "https://evil.example"
    for headers in (cors(), cors(evil), cors("*"), cors(None, "true"), cors(APP, "true"), cors(evil, "false")):
        assert cmp_tools.stranger_problems(headers, evil, APP) == []
    for headers in (cors(evil, "true"), cors("*", "true"), cors("null", "true")):
        assert cmp_tools.stranger_problems(headers, evil, APP)
