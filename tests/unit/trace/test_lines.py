"""Trace lines hold all that a replay needs."""

import json

from hypothesis import given
from hypothesis import strategies as st

from coach.adapters.job import parse_job
from coach.adapters.trace.lines import job_line
from coach.domain.job import AccountRef, Consent, ConsentPolicy, ConsentState, Job, Rep

_TEXT = st.text(min_size=1, max_size=20)
_MAYBE = st.none() | _TEXT
_JOBS = st.builds(
    Job,
    call_id=st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True),
    rep=st.builds(Rep, st.just("rep-1"), _MAYBE),
    team=st.frozensets(_TEXT.filter(lambda identity: identity != "rep-1")),
    account=st.builds(AccountRef, _MAYBE, _MAYBE, _MAYBE),
    tenant=st.sampled_from(["default", "acme"]),
    providers=st.sampled_from(["default", "house.2"]),
    language=st.sampled_from([None, "en", "en-GB"]),
    consent=st.builds(Consent, st.sampled_from(ConsentState), st.sampled_from(ConsentPolicy)),
    transcribe_rep=st.booleans(),
    screenshare=st.booleans(),
)


@given(_JOBS)
def test_a_job_is_read_back_from_its_line_as_it_was(job: Job) -> None:
    line = json.dumps(job_line(job, "r-1")["job"])

    assert parse_job(line) == job
