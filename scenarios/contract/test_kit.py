"""The ChatKit endpoint: clauses KIT-1 to KIT-10."""

from __future__ import annotations

import re
import secrets
import uuid

from pulsegate.harness.contract import Check, clause
from pulsegate.scenarios.contract.callers import known_users
from pulsegate.scenarios.contract.json_values import is_text, shown
from pulsegate.scenarios.contract.kit_isolation import begin_thread, expect_kept_out, form_problem
from pulsegate.scenarios.contract.kit_secrets import (
    altered_secrets,
    expect_every_type_validates,
    expect_secret_refused,
)
from pulsegate.scenarios.contract.kit_steps import (
    EVERY_TYPE,
    MALFORMED,
    Recording,
    expect_once,
    expect_stored,
    record_streams,
    take_answers,
    take_four_turns,
    take_two_threads,
)
from pulsegate.scenarios.contract.kit_talk import (
    ANSWERS,
    STREAMS,
    Talker,
    new_secret,
    request_of,
    session_answer,
    status_cause,
    user_input,
)
from pulsegate.scenarios.contract.leaks import internal_details
from pulsegate.scenarios.contract.stream_tools import demand, expect_none
from pulsegate.scenarios.contract.talk_tools import (
    answer_line,
    code_word,
    expect_object,
    expect_refusal,
    one_or_two_users,
    says,
    together,
    two_users,
)

#: Streams take as long as their words: they are recorded beside the other cases.
PREFETCH = {STREAMS: record_streams, ANSWERS: take_answers}

#: What a route answers that is not there.
ABSENT = (404, 405)

_SECRET = re.compile(r"[A-Za-z0-9._~-]{32,}")


@clause("KIT-1")
async def test_health_names_the_service(check: Check) -> None:
    """The health route answers without a token that the service chatkit is ok."""
    answer = await check.call("GET", "kit", "/health")
    cause = status_cause(answer.status, answer.headers)
    check.cause("asks-for-token" if cause == "refused" else cause or "other-service")
    value = expect_object(check, answer, "GET /health of the ChatKit endpoint")
    found = {name: value.get(name) for name in ("status", "service")}
    check.expect(
        found == {"status": "ok", "service": "chatkit"}, '{"status": "ok", "service": "chatkit"}', shown(found)
    )


@clause("KIT-2")
async def test_sessions_have_secrets_of_their_own(check: Check) -> None:
    """Each session has a new secret of at least 32 URL-safe characters, and names user, domain key and lifetime."""
    given: list[str] = []
    known = known_users(check)
    users = [*known, *known, check.user(), *known, *known]
    one_by_one = [await session_answer(check, user) for user in users[: -2 * len(known)]]
    at_once = await together(*(session_answer(check, user) for user in users[-2 * len(known) :]))
    for user, answer in zip(users, [*one_by_one, *at_once], strict=True):
        if answer.status in ABSENT:
            check.cause("not-there")
        value = expect_object(check, answer, f"a session of {user.name}")
        secret = value.get("client_secret")
        sound = isinstance(secret, str) and _SECRET.fullmatch(secret)
        demand(check, sound, "a client_secret of at least 32 URL-safe characters", _hint(secret), cause="weak-secret")
        given.append(str(secret))
        check.hide(str(secret), "$CLIENT_SECRET")
        expires = value.get("expires_in")
        demand(
            check,
            isinstance(expires, int) and not isinstance(expires, bool) and expires == 3600,
            "the integer 3600 in expires_in",
            shown(expires),
            cause="expires-in",
        )
        key = value.get("domain_key")
        demand(check, is_text(key), "a text in domain_key", shown(key), cause="domain-key")
        demand(
            check,
            str(value.get("user_id")) == user.id,
            f"{user.id} in user_id",
            shown(value.get("user_id")),
            cause="user-id",
        )
    demand(
        check,
        len(set(given)) == len(given),
        f"{len(given)} different secrets in {len(given)} sessions",
        f"{len(set(given))} different ones",
        cause="constant-secret",
    )


def _hint(secret: object) -> str:
    return f"{len(secret)} characters: {secret[:4]}..." if isinstance(secret, str) else shown(secret)


@clause("KIT-3")
async def test_refuses_anonymous_requests(check: Check) -> None:
    """Without a token, the first request of all is refused by every route that is there; this needs no identity."""
    for suffix in ("/session", "/upload"):
        answer = await check.call("POST", "kit", suffix, json={})
        if answer.status not in ABSENT:
            expect_refusal(check, answer, f"POST {suffix} with no token", [401], cause="missing-token")
    for kind, params in EVERY_TYPE.items():
        answer = await check.call("POST", "kit", json=request_of(kind, params))
        expect_refusal(check, answer, f"{kind} with no token", [401], cause="missing-token")


@clause("KIT-3")
async def test_refuses_missing_and_bad_tokens(check: Check) -> None:
    """Without a valid token every route but health answers 401 and JSON, for every type of request."""
    routes = await _routes_with_token(check)
    for token, label in [
        (None, "no token"),
        *((token, label) for label, token in check.bad_tokens(check.user()).items()),
    ]:
        cause = "missing-token" if token is None else "bad-token"
        for suffix in routes:
            answer = await check.call("POST", "kit", suffix, who=token, json={})
            expect_refusal(check, answer, f"POST {suffix} with {label}", [401], cause=cause)
        for kind, params in EVERY_TYPE.items():
            answer = await check.call("POST", "kit", who=token, json=request_of(kind, params))
            expect_refusal(check, answer, f"{kind} with {label}", [401], cause=cause)


async def _routes_with_token(check: Check) -> list[str]:
    found = []
    for suffix in ("/session", "/upload"):
        answer = await check.call("POST", "kit", suffix, who=check.user(), json={})
        if answer.status in ABSENT:
            check.note(f"POST {suffix} answers {answer.status} with a valid token too: nothing there to protect")
        else:
            found.append(suffix)
    return found


@clause("KIT-4")
async def test_uploads_are_not_implemented(check: Check) -> None:
    """An upload is answered with 501 and a JSON detail, whatever it holds."""
    boundary = "pulsegate-upload"
    form = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="note.txt"\r\n'
        f"Content-Type: text/plain\r\n\r\nHello\r\n--{boundary}--\r\n"
    ).encode()
    user = check.user()
    answers = {
        "a form with a file": await check.call(
            "POST",
            "kit",
            "/upload",
            who=user,
            content=form,
            headers={"Content-Type": f"multipart/form-data; boundary={boundary}"},
        ),
        "a JSON body": await check.call("POST", "kit", "/upload", who=user, json={"name": "note.txt"}),
        "no body": await check.call("POST", "kit", "/upload", who=user),
    }
    for label, answer in answers.items():
        expect_refusal(check, answer, f"an upload with {label}", [501], cause=_upload_cause(answer.status))
        detail = answer.json().get("detail")
        demand(check, detail, f"a detail for an upload with {label}", answer_line(answer), cause="no-detail")


def _upload_cause(status: int) -> str:
    if status in ABSENT:
        return "not-there"
    return "accepted" if status < 300 else "failing" if status >= 500 else "demands-form"


@clause("KIT-5", changes_state=True)
async def test_other_requests_are_answered_with_json(check: Check) -> None:
    """Reading, listing, renaming, rating and deleting are answered with JSON, and do what they say."""
    await check.shared(ANSWERS)


@clause("KIT-6", changes_state=True)
async def test_history_is_kept_and_known(check: Check) -> None:
    """A thread holds all its turns in order, and the agent knows its first message and no other thread's."""
    users = one_or_two_users(check)
    await together(take_two_threads(check, users[0]), *(take_four_turns(check, user) for user in users))
    if check.profile.prompts.recall_first is None:
        check.partly("what the agent knows: the profile gives no [prompts] recall_first")


@clause("KIT-7", changes_state=True)
async def test_threads_of_others_are_out_of_reach(check: Check) -> None:
    """By no type of request does a user see, change or delete another user's thread, in both directions."""
    alice, bob = [await Talker.of(check, user) for user in two_users(check)]
    hers, his = await together(begin_thread(check, alice), begin_thread(check, bob))
    await expect_kept_out(check, bob, his, hers)
    await expect_kept_out(check, alice, hers, his)


@clause("KIT-8", changes_state=True)
async def test_client_secrets_are_validated(check: Check) -> None:
    """A request with a client secret that is made up, altered or another user's is refused; one's own is not."""
    if check.profile.kit.secret_header is None:
        check.not_measured("the profile gives no [kit] secret_header")
    alice, bob = two_users(check)
    own, other = await new_secret(check, alice), await new_secret(check, bob)
    if own is None or other is None:
        check.not_measured("the session route gives no client_secret (see KIT-2)")
    if own == other:
        check.not_measured("the session route gives everybody the same client_secret (see KIT-2)")
    bad = {"made up": secrets.token_urlsafe(32), **altered_secrets(own)}
    for kind, params in (("threads.list", {}), ("threads.create", {"input": user_input("Hello!")})):
        for label, secret in bad.items():
            await expect_secret_refused(check, Talker(check, alice, secret), kind, params, label)
        for user, secret in ((alice, other), (bob, own)):
            talker = Talker(check, user, secret)
            await expect_secret_refused(check, talker, kind, params, "another user's", cause="not-bound")
        for user, secret in ((alice, own), (bob, other)):
            heard = await Talker(check, user, secret).send(kind, params)
            check.expect(heard.status == 200, f"200 for {kind} with the user's own client secret", heard.line)
    await expect_every_type_validates(check, Talker(check, alice, own), bad["made up"])


@clause("KIT-9", changes_state=True)
async def test_repeated_request_ids_are_answered_once(check: Check) -> None:
    """A repeated request id has no second effect, and brings back nothing of another user who used it."""
    name = check.profile.kit.request_id_header
    if name is None:
        check.not_measured("the profile gives no [kit] request_id_header")
    await together(_repeat(check, name), _use_the_id_of_another(check, name))


async def _repeat(check: Check, name: str) -> None:
    talker, word = await Talker.of(check, check.fresh_user("alice")), code_word("heron")
    begin = ("threads.create", {"input": user_input(f"My code word is {word}.")})
    key = {name: str(uuid.uuid4())}
    first = await talker.say(f"My code word is {word}.", headers=key)
    repeated = await talker.send(*begin, key)
    thread = first.thread_id or ""
    same = repeated.transcript is not None and repeated.transcript.thread_id == thread
    demand(
        check,
        same or 400 <= repeated.status < 500 or form_problem(repeated, sdk=check.profile.kit.sdk) == "",
        "the same thread again, or a refusal, for a repeated threads.create",
        repeated.line,
        cause="answered-again",
    )
    await expect_once(check, talker, thread, word)
    other = await talker.say(f"My code word is {word}.", headers={name: str(uuid.uuid4())})
    check.expect(other.thread_id != thread, "another thread for another request id", shown(other.thread_id))

    both = {name: str(uuid.uuid4())}
    say = ("threads.add_user_message", {"thread_id": thread, "input": user_input("Hello!")})
    heard = [*await together(talker.send(*say, both), talker.send(*say, both)), await talker.send(*say, both)]
    served = any(one.status == 200 for one in heard)
    check.expect(served, "an answer to one of three requests with one id", heard[0].line)
    messages = [item.get("type") for item in await talker.items(thread)]
    demand(
        check,
        messages.count("user_message") <= 2,
        "one user message for a request id that came three times, twice at once",
        shown(messages),
        cause="answered-again",
    )


async def _use_the_id_of_another(check: Check, name: str) -> None:
    alice, bob = [await Talker.of(check, user) for user in two_users(check)]
    key, word = {name: str(uuid.uuid4())}, code_word("heron")
    first = await alice.say(f"My code word is {word}.", headers=key)
    for text in (f"My code word is {word}.", "Hello!"):
        heard = await bob.send("threads.create", {"input": user_input(text)}, key)
        theirs = heard.transcript.thread_id if heard.transcript is not None else None
        demand(
            check,
            theirs is None or theirs != first.thread_id,
            "no thread of another user for their request id",
            heard.line,
            cause="shared-ids",
        )
    check.expect(not says(heard.text, word), "nothing of another user's answer for their request id", heard.line)


@clause("KIT-10")
async def test_malformed_requests_are_refused(check: Check) -> None:
    """What is no request of the protocol gets a 4xx JSON error, and the next request is served."""
    talker = await Talker.of(check, check.fresh_user("alice"))
    uncaught = 0
    for label, content in MALFORMED.items():
        answer = await talker.raw(content)
        expect_none(check, f"no internals in the refusal of {label}", internal_details(answer.text))
        if check.profile.kit.sdk and answer.status == 500:
            uncaught += 1
            continue
        cause = "server-error" if answer.status >= 500 else "accepted"
        expect_refusal(check, answer, label, cause=cause)
    if uncaught:
        check.note(f"500, as the SDK leaves it, answers {uncaught} of {len(MALFORMED)} malformed requests")
    await talker.get("threads.list", {})


# These wait for the recording, so they come last.


async def _recording(check: Check) -> Recording:
    recording: Recording = await check.shared(STREAMS)
    return recording


@clause("KIT-5", changes_state=True)
async def test_new_threads_stream_by_the_rules(check: Check) -> None:
    """A new thread, whatever is said, streams its events in order, and the text of its answer adds up."""
    (await _recording(check)).judge_new(check)


@clause("KIT-5", changes_state=True)
async def test_threads_are_continued_and_answered_again(check: Check) -> None:
    """Further messages stream by the rules in their thread, and so does another answer to one."""
    (await _recording(check)).judge_continued(check)


@clause("KIT-6", changes_state=True)
async def test_every_text_is_kept(check: Check) -> None:
    """A thread holds what was said and answered, long and non-ASCII text too."""
    await expect_stored(check, await _recording(check))
