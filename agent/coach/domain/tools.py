"""What the advisor looked up in this call: each tool at most once with the same arguments."""

from coach.domain.advice import ToolCall
from coach.domain.events import ToolReturned

ACCOUNT_CONTEXT = ToolCall("get_account_context")
"""Asked for by the call itself when it begins to listen: the account's dossier."""
LOG_OUTCOME = "log_outcome"
"""The one tool that writes: only ever proposed, and run with the rep's yes."""
ASKING_CRM = frozenset({ACCOUNT_CONTEXT.name, LOG_OUTCOME})
"""The tools whose results tell how the CRM is; the others are answered from the playbook."""
OUTAGES = frozenset({"timeout", "refused", "broken", "nonsense"})
"""Failures that are the CRM's fault; an account that it does not know is none."""
MOST_CALLS = 20
"""Tool calls in one call; what a model wants beyond is not looked up."""


class Lookups:
    """Pending and finished tool calls. Results are kept for the call."""

    def __init__(self) -> None:
        self._results: dict[ToolCall, str | None] = {}  # None: on the way

    def want(self, call: ToolCall) -> bool:
        """Return whether this tool is to be run now: it was not run before."""
        if call in self._results or len(self._results) >= MOST_CALLS:
            return False
        self._results[call] = None
        return True

    def forget_pending(self) -> None:
        """What is on the way may not be heard: it may be asked for again."""
        self._results = {c: r for c, r in self._results.items() if r is not None}

    def has(self, call: ToolCall) -> bool:
        """Return whether the result is there already."""
        return self._results.get(call) is not None

    def returned(self, event: ToolReturned) -> None:
        """Take a result. One that failed stays without a result, and is not tried again."""
        if event.is_ok:
            self._results.pop(event.call, None)  # the newest last
            self._results[event.call] = event.result
        else:
            self._results[event.call] = ""

    def results(self) -> list[tuple[str, str]]:
        """Return (tool, result) of what was found, the newest last; the dossier apart."""
        return [
            (call.name, result)
            for call, result in self._results.items()
            if result and call != ACCOUNT_CONTEXT and call.name != LOG_OUTCOME
        ]

    @property
    def dossier(self) -> str:
        """What is known of the account; empty while it is not there."""
        return self._results.get(ACCOUNT_CONTEXT) or ""
