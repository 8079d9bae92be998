"""What disruptions cause by themselves, in the names of the timeline: it is our doing, not the target's.

Only what no target could prevent stands here. What one loses or repeats when its streams are cut is not: a target
that resumes loses nothing.
"""

from __future__ import annotations

NOTHING: frozenset[str] = frozenset()
#: A connection that ends takes a request under way with it; a stream is interrupted.
ENDS = frozenset({"interrupted", "requests_failed"})
#: What passes too late, or not at all, is late, looks like silence, and lets requests run out of time.
SILENCES = frozenset({"late", "requests_failed", "silent", "stalled"})
#: What is held is missing behind the heartbeats that pass, until it comes late and out of order.
HOLDS = frozenset({"late", "lost", "reordered", "requests_failed", "stalled"})
#: What comes twice is a repetition, and may be what makes no sense of an answer.
REPEATS = frozenset({"repeated", "requests_failed"})
