"""What an nginx configuration is known to do to streams, read from its text: one small rule after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pulsegate.harness.profile import Profile
from pulsegate.harness.proxy.configuration import Configuration
from pulsegate.harness.proxy.installation import Version
from pulsegate.harness.proxy.routing import documented_paths
from pulsegate.harness.proxy.rules import process, reach, sockets, streams
from pulsegate.harness.proxy.rules.scene import LintFinding, Rule, Scene

__all__ = ["LintFinding", "lint"]

#: In the order in which findings of one line are told.
RULES: tuple[Rule, ...] = (*reach.RULES, *streams.RULES, *sockets.RULES, *process.RULES)


def lint(
    configuration: Configuration,
    *,
    profile: Profile,
    version: Version,
    paths: Mapping[str, str] | None = None,
    load: int | None = None,
) -> list[LintFinding]:
    """What the rules find, by file and line.

    `paths` (surface to path; those of `profile` by default) tell which locations matter, `version` what nginx
    does where nothing is said, `load` how many streams there are at once (None: that is not looked at).
    """
    known = documented_paths(profile) if paths is None else paths
    scene = Scene(configuration, known, profile, version, load)
    order = {file: index for index, file in enumerate(configuration.texts)}
    found = list(_once(finding for rule in RULES for finding in rule(scene)))
    return sorted(found, key=lambda finding: (order.get(finding.file, 0), finding.line))


def _once(findings: Iterator[LintFinding]) -> Iterator[LintFinding]:
    """One finding of a rule at a place, whatever number of locations it touches: of those, the first."""
    seen = set()
    for finding in findings:
        key = (finding.rule, finding.file, finding.line, finding.clause)
        if key not in seen:
            seen.add(key)
            yield finding
