"""The questions of a written profile: what no probing can tell, asked for in comments."""

from __future__ import annotations

from collections.abc import Iterator

from pulsegate.harness.probing.findings import MOST_LISTED, Findings
from pulsegate.harness.probing.toml_text import comment, plain, quoted
from pulsegate.harness.ready_profiles import known_deviations

JWT_SECRET = "PULSEGATE_JWT_SECRET"


def identities(findings: Findings) -> Iterator[str]:
    """``[identities]``: what was used, or which surfaces lack one and how to give it."""
    yield "[identities]"
    variable = findings.token_from
    if variable and variable != JWT_SECRET:
        yield f"alice_token_env = {quoted(variable)}  # {_accepted(findings)}"
        yield "# ? Clauses about two users need another one's token, and some an expired one, each in its own variable:"
        yield from ('# bob_token_env = "BOB_TOKEN"', '# expired_token_env = "EXPIRED_TOKEN"')
        return
    if variable:
        yield f'# jwt_secret_env = "{JWT_SECRET}"  # a token was minted with it; {_accepted(findings)}'
        yield "# ? Who are the two users in the server's own data, and what do their tokens claim?"
        yield '# claims = { sub = "{id}", email = "{email}" }'
    else:
        yield from _missing(findings)
    yield from (f'# {name} = {{ id = "{name}", email = "{name}@example.com" }}' for name in ("alice", "bob"))
    if variable:
        yield "# fresh_users = false            # true: tokens may be minted for users whom nobody registered"


def _accepted(findings: Findings) -> str:
    if findings.token_accepted:
        return "it was accepted"
    if findings.token_seen:
        return plain(f"? nothing shows whether it was accepted: {findings.token_seen}")
    return "it was refused: is it the right one?" if findings.locked else "nothing asked for it"


def _missing(findings: Findings) -> Iterator[str]:
    if findings.locked:
        wanting = ", ".join(findings.locked)
        yield from comment(
            f"? Which tokens does the server accept? {wanting} refused to answer without one. Give either"
        )
    else:
        yield "# ? Are there users? Nothing asked for a token, but some clauses are about users. They need either"
    yield f"# the secret that signs them (HS256), in the environment: export {JWT_SECRET}=..., or ready ones:"
    yield from ('# alice_token_env = "ALICE_TOKEN"', '# bob_token_env = "BOB_TOKEN"')
    yield "# or a command that prints one; the user's name is its last argument:"
    yield '# token_cmd = "./mint-token"'
    yield "# Minted tokens are for these users:"


def sections(findings: Findings) -> Iterator[Iterator[str]]:
    """The sections that only the user can fill in, those that concern what was found."""
    found = findings.found.keys()
    if {"sse", "rt", "agui"} & found:
        yield _triggers(findings)
    if {"kit", "cmp", "chat", "agui"} & found:
        yield _prompts(findings)
    if "ws" in found:
        yield _ws()
    if "fall" in found:
        yield _fall(findings)
    if "kit" in found:
        yield _kit(findings)
    if "cmp" in found and findings.found["cmp"].path.endswith("/chat/completions"):
        yield _cmp(findings)
    if findings.rate_headers or {"cmp", "ws"} & found:
        yield _limits(findings)
    yield _rest(findings)


def _triggers(findings: Findings) -> Iterator[str]:
    yield "# ? Which query makes a stream fail on purpose? Without one, error events are not measured:"
    yield "# [triggers]"
    for surface in ("sse", "rt", "agui"):
        if surface in findings.found:
            yield f'# {surface}_error = "simulate=error"'


def _prompts(findings: Findings) -> Iterator[str]:
    yield "# ? What makes this agent do these things? What is absent is not measured:"
    yield "# [prompts]"
    yield '# recall_first = "What was my first message?"'
    yield '# stateless = "What can you help me with?"'
    if {"cmp", "chat"} & findings.found.keys():
        yield '# add = "Add a task to {title}"'
        yield '# show = "Show me all my tasks"'
        yield '# complete = "Mark task {number} as complete"'
        yield "# update = \"Update task {number} title to '{title}'\""
        yield '# delete = "Delete task {number}"'


def _ws() -> Iterator[str]:
    yield "# ? Must a foreign Origin be refused, and do the envelope's members have other names?"
    yield "# [ws]"
    yield "# origin_allow_list = true"
    yield '# members = { id = "id", source = "source", target = "target" }'


def _fall(findings: Findings) -> Iterator[str]:
    if findings.members is None:
        yield "# ? What are the members for the message and for the answer's text?"
        yield from ("# [fall]", '# request = "message"', '# answer = "response"')
        return
    request, answer = findings.members
    yield "[fall]"
    yield f"request = {quoted(request)}  # as the server took and answered it"
    yield f"answer = {quoted(answer)}"


def _kit(findings: Findings) -> Iterator[str]:
    yield "[kit]"
    if findings.kit_sdk:
        yield "sdk = true  # an unknown request type made it fail as the ChatKit SDK does"
    elif "kit" in findings.locked:
        yield "# ? Is it built on the ChatKit SDK, whose ways to fail then hold? `pulsegate init --like chatkit-sdk`"
        yield "# shows which clauses such a server is known to deviate from: KIT-1, KIT-2 and KIT-4."
        yield "# sdk = true"
    else:
        yield "# sdk = false                    # true: built on the ChatKit SDK, whose ways to fail then hold"
    yield "# ? Which header carries the session's secret, and which the id of a request that may be repeated?"
    yield from ('# secret_header = "X-ChatKit-Secret"', '# request_id_header = "Idempotency-Key"')


def _cmp(findings: Findings) -> Iterator[str]:
    """``[cmp]``, for servers with the interface of OpenAI: the model, and what the documented backend has beyond it."""
    yield "[cmp]"
    if findings.models:
        yield f"model = {quoted(findings.models[0])}  # {_other_models(findings.models[1:])}"
    else:
        yield "# ? Which model is to be asked? The smaller the better:"
        yield '# model = "gpt-4o-mini"'
    yield "# As OpenAI's interface is: no X-Conversation-Id, no cookie, and pieces that need not be words."
    yield from ("conversations = false", "cookie = false", "words = false")
    yield "# ? Do answers count their tokens?"
    yield "# usage = true"


def _other_models(names: list[str]) -> str:
    if not names:
        return "the only one that the server lists"
    more = f" and {len(names) - MOST_LISTED} more" if len(names) > MOST_LISTED else ""
    return plain(f"? or a smaller one; the server lists {', '.join(names[:MOST_LISTED])}{more}, too")


def _limits(findings: Findings) -> Iterator[str]:
    for line in findings.rate_headers:
        yield from comment(f"Announced: {line}")
    if findings.requests_per_min is not None:
        yield "[limits]"
        yield f"requests_per_min = {findings.requests_per_min}"
        yield "# ? Which sizes and message rates does the server refuse?"
    else:
        yield "# ? What does the server refuse? Without a limit its clause is not measured:"
        yield from ("# [limits]", "# requests_per_min = 600")
    yield "# body_bytes = 262144"
    if "ws" in findings.found:
        yield from ("# frame_bytes = 1048576", "# messages_per_s = 100")


def _rest(findings: Findings) -> Iterator[str]:
    if findings.kit_sdk:
        yield "# ? The SDK brings one endpoint, so these fail unless the application adds the routes. Which do without?"
        yield from ("# [accepted]", *(f"# {line}" for line in known_deviations("chatkit-sdk")))
    else:
        yield "# Known deviations: reported, not fatal, and named as stale once they pass:"
        yield from ("# [accepted]", '# "SSE-2" = "HEAD is not served; ticket 123"')
    yield ""
    yield "# Clauses that must be measured, or the run fails; true means all of them:"
    yield from ("# [require]", '# clauses = ["HEALTH-1"]')
