"""The run record: what a command measured, as one documented, versioned JSON document.

The models are the schema: `pulsegate schema` publishes them as JSON Schema, and every report is
rendered from a record alone. What a comparison found is in `record.comparison`.
"""

from pulsegate.harness.record.browser import Band, BrowserRun, Claim, ClaimVerdict, ConsoleLine, Screenshot
from pulsegate.harness.record.contract import ClauseResult, Exchange, Level, Outcome, Received, SurfaceResult
from pulsegate.harness.record.measured import (
    BandShares,
    Connections,
    DisruptionDone,
    Exchanges,
    FanOut,
    Heartbeats,
    Idleness,
    Ledger,
    Limit,
    Measured,
    Metric,
    Moment,
    Point,
    Reconnects,
    Storm,
    StreamLedger,
    Validity,
)
from pulsegate.harness.record.proxy import Added, Buffering, Estimate, ProxyConfiguration, ProxyFinding
from pulsegate.harness.record.run import (
    SCHEMA_VERSION,
    Environment,
    RunRecord,
    TargetInfo,
    Verdict,
    json_schema,
    read_record,
    write_record,
)

__all__ = [
    "SCHEMA_VERSION",
    "Added",
    "Band",
    "BandShares",
    "BrowserRun",
    "Buffering",
    "Claim",
    "ClaimVerdict",
    "ClauseResult",
    "Connections",
    "ConsoleLine",
    "DisruptionDone",
    "Environment",
    "Estimate",
    "Exchange",
    "Exchanges",
    "FanOut",
    "Heartbeats",
    "Idleness",
    "Ledger",
    "Level",
    "Limit",
    "Measured",
    "Metric",
    "Moment",
    "Outcome",
    "Point",
    "ProxyConfiguration",
    "ProxyFinding",
    "Received",
    "Reconnects",
    "RunRecord",
    "Screenshot",
    "Storm",
    "StreamLedger",
    "SurfaceResult",
    "TargetInfo",
    "Validity",
    "Verdict",
    "json_schema",
    "read_record",
    "write_record",
]
