"""What a comparison is going to cost and able to see, said before it begins."""

from __future__ import annotations

from pulsegate.harness.gate.comparing import USUAL_POWER
from pulsegate.harness.gate.pairing import PairPlan
from pulsegate.harness.gate.quantities import QUANTITIES
from pulsegate.harness.gate.sequential import USUAL_SCATTER, power, smallest_effect

#: The worsenings whose chance of being found is printed.
_EFFECTS = (0.10, 0.20)


def plan_lines(plan: PairPlan, run_s: float) -> list[str]:
    """The plan in sentences; `run_s` is how long one run takes, with its server."""
    load = plan.workload
    looks = " and ".join(filter(None, [", ".join(str(look.pairs) for look in plan.looks[:-1]), str(plan.pairs)]))
    least, most = (_minutes(2 * run_s * look.pairs) for look in (plan.looks[0], plan.looks[-1]))
    titles = ", ".join(QUANTITIES[name].title for name in plan.decides)
    return [
        (
            f"plan: at most {plan.pairs} pairs of runs, each {load.duration_s:g} s with {load.streams} streams and "
            f"{load.rate:g} requests a second; looked at after {looks}"
        ),
        f"time: {least} where the first look decides, {most} at most",
        f"decides: {titles}; failures and clauses decide at once",
        _sight(plan),
    ]


def _sight(plan: PairPlan) -> str:
    """What the last look can see, were runs to scatter as they usually do."""
    floor = max(QUANTITIES[name].floor for name in plan.decides)
    last, tests = plan.looks[-1], len(plan.decides)

    def chance(effect: float) -> str:
        return _percent(power(effect, margin=floor, scatter=USUAL_SCATTER, look=last, tests=tests))

    shares = ", ".join(f"+{_percent(effect)} in {chance(effect)}" for effect in _EFFECTS)
    least = smallest_effect(USUAL_POWER, margin=floor, scatter=USUAL_SCATTER, look=last, tests=tests)
    return (
        f"sees: where runs of one build scatter by {100 * USUAL_SCATTER:.0f} %, a figure that is worse by {shares} of "
        f"comparisons, and {100 * least:+.1f} % in {_percent(USUAL_POWER)}; up to {100 * floor:.0f} % is allowed"
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"
