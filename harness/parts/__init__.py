"""The real parts beside Python packages: how each is found, what brings it, and how it is started.

What is started is in `postgres` and `redis`, both as `started` says.
"""

from pulsegate.harness.parts.finding import PARTS, REQUIRE_VARIABLE, Part, part, required_parts

__all__ = ["PARTS", "REQUIRE_VARIABLE", "Part", "part", "required_parts"]
