"""Says in words what the discount policy has decided."""

from typing import Annotated, Final

from livekit.agents.llm import function_tool
from pydantic import Field

from coach.adapters.tools.tool import Arguments, Bound, Tool
from coach.domain.discounts import Ruling, ruling
from coach.domain.playbook import DiscountLimit

ROLE: Final = "rep"


@function_tool
async def check_discount_authority(percent: float) -> None:
    """Returns whether the rep may give this discount, or who approves it.

    Use whenever a discount in percent is asked for or offered.
    """


class _Form(Arguments):
    percent: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]


async def _run(bound: Bound, form: _Form) -> str:
    decided = ruling(bound.playbook.discounts, form.percent, ROLE, None, None)
    return authority_text(decided, form.percent, ROLE)


DISCOUNT_AUTHORITY = Tool(check_discount_authority, _Form, _run, seconds=0.2)


def authority_text(ruling: Ruling, percent: float, role: str) -> str:
    """Return the ruling for the model to phrase: allowed or not, limit, and who may say yes."""
    # What is not the rep's to give is not named, neither the refused figure nor what others may
    # approve: the answer is a ground, and whoever reads "up to 30 percent" may phrase an offer.
    parts = [f"allowed: yes, {percent:g} percent." if ruling.is_allowed else "allowed: no."]
    if ruling.limit is None:
        parts.append(f"limit: none is set for a {role}, so ask before promising anything.")
    else:
        parts.append(f"limit of a {role}: {ruling.limit:g} percent.")
    if ruling.step is not None:
        parts.append(f"approval: {ruling.step.approver}. how: {ruling.step.how}")
    elif not ruling.is_allowed:
        parts.append(_nobody(has_steps=ruling.highest is not None))
    parts += [_exception(limit, is_allowed=percent <= limit.percent) for limit in ruling.exceptions]
    return " ".join(parts)


def _nobody(*, has_steps: bool) -> str:
    if not has_steps:
        return "approval: no step is set; ask your manager."
    return "approval: nobody approves that much."


def _exception(limit: DiscountLimit, *, is_allowed: bool) -> str:
    named = " and ".join(
        text
        for text in (
            limit.product and f"product {limit.product}",
            limit.term and f"term {limit.term}",
        )
        if text
    )
    return f"{'allowed' if is_allowed else 'not allowed'} for {named}: {limit.percent:g} percent."
