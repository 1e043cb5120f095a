"""The embedded CRM: accounts of the playbook, outcomes in files."""

import json
import stat
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

import coach
from coach.adapters.crm.embedded import FileCrm, facts_of
from coach.adapters.crm.outcomes import MOST_READ, OutcomeLog
from coach.adapters.crm.port import AccountKey, CrmError, Entry, Outcome
from coach.domain.playbook import Account

NOTES = """\
Family company, 14 people.
Plan: Dispatch for 14 people.
Open deal: second depot.
Past notes: asked for the accounting link.
Renewal: 14 November.
Last call: Monday.
"""
OAKLINE = Account("oakline", "Oakline Plumbing", "oakline.example", notes=NOTES)
OUTCOME = Outcome("c-1", "rep-1", "Pilot agreed", "Contract by Friday")
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def crm(tmp_path: Path) -> FileCrm:
    return FileCrm({OAKLINE.id: OAKLINE}, tmp_path, lambda: NOON)


def test_lines_say_by_their_label_what_they_are() -> None:
    facts = facts_of(NOTES)

    assert facts.deals == (Entry("second depot."),)
    assert facts.notes == (Entry("asked for the accounting link."),)
    assert (facts.renewal, facts.last_call) == ("14 November.", "Monday.")
    assert facts.about == "Family company, 14 people. Plan: Dispatch for 14 people."


@pytest.mark.parametrize(
    "key",
    [
        AccountKey("default", "oakline", None, "Somebody Else"),
        AccountKey("default", "unknown", "OAKLINE.example"),
        AccountKey("default", None, None, "oakline  plumbing"),
    ],
)
async def test_an_account_is_found_by_id_domain_or_name(crm: FileCrm, key: AccountKey) -> None:
    facts = await crm.account(key)

    assert facts is not None and facts.renewal == "14 November."


async def test_an_unknown_account_is_none(crm: FileCrm) -> None:
    assert await crm.account(AccountKey("default", "rival", "x.example", "Rival")) is None


async def test_an_outcome_is_a_note_of_the_next_call_however_the_account_is_named(
    crm: FileCrm,
) -> None:
    await crm.log_outcome(AccountKey("default", "oakline"), OUTCOME)

    facts = await crm.account(AccountKey("default", None, None, "Oakline Plumbing"))
    other = await crm.account(AccountKey("other", "oakline"))

    assert facts is not None and other is not None
    note = Entry("Pilot agreed. Next: Contract by Friday", "2026-11-21T12:00:00+00:00")
    assert facts.notes[0] == note
    assert note not in other.notes, "another tenant's"


async def test_playbooks_that_share_a_data_folder_share_no_outcome(tmp_path: Path) -> None:
    """They may mean different companies by one id, and tell nothing of them yet."""
    bare, renamed = replace(OAKLINE, notes=""), replace(OAKLINE, name="Oakline Energy", notes="")
    crms = [
        FileCrm({"oakline": bare}, tmp_path, playbook="Larkspur"),
        FileCrm({"oakline": bare}, tmp_path, playbook="Deichtor"),
        FileCrm({"oakline": renamed}, tmp_path, playbook="Larkspur"),
        FileCrm({}, tmp_path, playbook="Larkspur"),
        FileCrm({}, tmp_path, playbook="Deichtor"),
    ]
    key = AccountKey("default", "oakline")
    for number, crm in enumerate(crms):
        await crm.log_outcome(key, replace(OUTCOME, outcome=f"of {number}", next_step=""))

    told = [await crm.account(key) for crm in crms]

    assert [[note.text for note in facts.notes] for facts in told if facts] == [
        [f"of {number}"] for number in range(5)
    ]
    assert len({key.digest(crm.source) for crm in crms}) == 5, "dossiers are kept apart, too"


async def test_an_account_s_outcomes_outlive_a_change_of_what_the_playbook_tells(
    crm: FileCrm, tmp_path: Path
) -> None:
    await crm.log_outcome(AccountKey("default", "oakline"), OUTCOME)
    edited = replace(OAKLINE, domain="oakline.test", notes="Renewal: May.")
    rival = Account("rival", "Rival")

    later = FileCrm({"oakline": edited, "rival": rival}, tmp_path)
    facts = await later.account(AccountKey("default", None, None, "Oakline Plumbing"))

    assert facts is not None
    assert facts.notes[0].text == "Pilot agreed. Next: Contract by Friday"


async def test_a_line_says_whose_it_is(tmp_path: Path) -> None:
    crm = FileCrm({OAKLINE.id: OAKLINE}, tmp_path, playbook="Larkspur")
    await crm.log_outcome(AccountKey("north", None, "oakline.example", "Oakline"), OUTCOME)

    (file,) = (tmp_path / "outcomes").iterdir()
    line = json.loads(file.read_text())
    whose = (line["playbook"], line["tenant"], line["account"])
    assert whose == ("Larkspur", "north", {"id": "oakline", "name": "Oakline Plumbing"})


async def test_outcomes_are_for_their_owner_and_files_named_by_a_hash(
    crm: FileCrm, tmp_path: Path
) -> None:
    await crm.log_outcome(AccountKey("default", "oakline"), OUTCOME)
    await crm.log_outcome(None, OUTCOME)

    files = sorted((tmp_path / "outcomes").iterdir())
    assert len(files) == 2
    assert stat.S_IMODE((tmp_path / "outcomes").stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert "oakline" not in str(files)


async def test_a_disk_that_fails_is_told_by_its_code(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    crm = FileCrm({}, tmp_path / "data")

    with pytest.raises(CrmError, match="broken"):
        await crm.log_outcome(AccountKey("default", "oakline"), OUTCOME)
    with pytest.raises(CrmError, match="broken"):
        await crm.account(AccountKey("default", "oakline"))


def line(n: int) -> dict[str, str]:
    return {"at": f"2026-01-01T00:00:{n % 60:02}", "outcome": f"outcome {n}", "next_step": ""}


def test_a_torn_line_takes_no_other_along(tmp_path: Path) -> None:
    log = OutcomeLog(tmp_path)
    log.append("d", line(1))
    with (tmp_path / "outcomes" / "d.jsonl").open("ab") as file:
        file.write(b'{"at": "2026", "outc')

    log.append("d", line(2))

    assert [entry.text for entry in log.newest("d")] == ["outcome 1", "outcome 2"]


def test_of_a_long_log_the_newest_is_read(tmp_path: Path) -> None:
    log = OutcomeLog(tmp_path)
    log.append("d", line(1))
    file = tmp_path / "outcomes" / "d.jsonl"
    text = json.dumps(line(2)) + "\n"
    file.write_text(text * (2 * MOST_READ // len(text)))
    log.append("d", line(3))

    newest = log.newest("d")

    assert newest[-1].text == "outcome 3"
    assert len(newest) <= MOST_READ // len(text) + 1


WRITER = """
import sys
from pathlib import Path
from coach.adapters.crm.outcomes import OutcomeLog

start = int(sys.argv[2])
for n in range(start, start + 20):
    line = {"at": "2026", "next_step": "", "outcome": f"{n} {'x' * 9_000}"}
    OutcomeLog(Path(sys.argv[1])).append("d", line)
"""


def test_processes_that_write_at_once_tear_no_line(tmp_path: Path) -> None:
    agent = str(Path(coach.__file__).parents[1])
    program = f"import sys; sys.path.insert(0, {agent!r})\n{WRITER}"
    writers = [
        subprocess.Popen([sys.executable, "-c", program, str(tmp_path), start])
        for start in ("0", "100")
    ]
    codes = [writer.wait(60) for writer in writers]

    lines = (tmp_path / "outcomes" / "d.jsonl").read_text().splitlines()
    assert codes == [0, 0]
    assert len({json.loads(line)["outcome"].split()[0] for line in lines}) == 40
