"""Where the call stands, and what a stage leaves open when it is over."""

from coach.domain.events import ControlAction
from coach.domain.nudge import Path
from coach.domain.playbook import Advice, Speaker, Stage, Topic, When
from coach.domain.records import Decision
from fakes.playbooks import moment, playbook
from fakes.scene import BUYER, COLLEAGUE, REP, Scene

BUDGET = Topic("budget", "the budget", "What have you set aside?", ("budget", "set aside"))
TIMELINE = Topic("timeline", "the timeline", "When must it run?", ("deadline",))
STAGES = (
    Stage("opening", "Say hello."),
    Stage("discovery", "Ask.", cues=("tell me about",), topics=(BUDGET, TIMELINE)),
    Stage("presentation", "Show.", cues=("share my screen",)),
    Stage("close", "Agree.", cues=("next steps",), begins_after_ms=1_500_000),
)
MISSED = moment(
    "missed",
    speaker=Speaker.REP,
    when=When.MISSED_TOPIC,
    advice=Advice("Still open: {topic}", "Ask: {ask}", say="May I ask?"),
)


def staged() -> Scene:
    return Scene(playbook(MISSED, stages=STAGES)).begin()


def test_a_call_begins_in_the_first_stage_with_its_guidance() -> None:
    scene = staged()

    assert (scene.status.stage, scene.status.guidance) == ("opening", "Say hello.")


def test_a_cue_of_either_side_begins_its_stage_and_the_rep_is_told() -> None:
    for who in (REP, BUYER):
        scene = staged()

        scene.says(2_000, "so tell me about that", who)

        assert (scene.status.stage, scene.status.guidance) == ("discovery", "Ask.")


def test_a_partial_or_a_colleague_begins_no_stage() -> None:
    scene = staged()

    scene.says(2_000, "so tell me about that", final=False)
    scene.says(3_000, "tell me about that", COLLEAGUE)

    assert scene.status.stage == "opening"


def test_stages_move_forward_only() -> None:
    scene = staged()
    scene.says(2_000, "let me share my screen", REP)

    scene.says(3_000, "tell me about that", REP)

    assert scene.status.stage == "presentation"


def test_of_two_cues_the_later_stage_wins() -> None:
    scene = staged()

    scene.says(2_000, "tell me about the next steps", REP)

    assert scene.status.stage == "close"


def test_a_stage_begins_by_itself_at_its_latest_time() -> None:
    scene = staged()
    scene.says(2_000, "let me share my screen", REP)

    for at_ms in range(60_000, 1_500_000, 60_000):
        scene.says(at_ms, "well", BUYER)
    scene.wait(1_499_999)
    before = scene.status.stage
    scene.wait(1_500_000)

    assert before == "presentation"
    assert scene.status.stage == "close"


def test_a_playbook_without_stages_has_no_guidance() -> None:
    scene = Scene(playbook(MISSED)).begin()

    scene.says(2_000, "tell me about that", REP)

    assert (scene.status.stage, scene.status.guidance) == (None, "")


def test_a_topic_that_nobody_spoke_about_is_told_when_its_stage_is_over() -> None:
    scene = staged()
    scene.says(2_000, "tell me about that", REP)
    scene.says(3_000, "our budget is tight", BUYER)

    scene.says(4_000, "let me share my screen", REP)

    (decision,) = scene.all(Decision)
    nudge = decision.nudge
    assert nudge is not None
    assert (nudge.headline, nudge.detail) == ("Still open: the timeline", "Ask: When must it run?")
    assert nudge.say == "When must it run?"
    assert nudge.path is Path.STAGE


def test_one_stage_end_is_one_nudge() -> None:
    scene = staged()
    scene.says(2_000, "tell me about that", REP)

    scene.says(4_000, "let me share my screen", REP)

    assert [sent.nudge.headline for sent in scene.sent] == ["Still open: the budget"]


def test_nothing_is_missed_when_all_was_covered_by_whoever() -> None:
    scene = staged()
    scene.says(2_000, "tell me about the deadline", REP)
    scene.says(3_000, "and what have you set aside", COLLEAGUE)

    scene.says(4_000, "let me share my screen", REP)

    assert scene.decisions == []


def test_a_stage_that_was_skipped_leaves_its_topics_open() -> None:
    """Straight to the demo is how discovery is missed most thoroughly."""
    scene = staged()

    scene.says(4_000, "let me share my screen", REP)

    assert [sent.nudge.headline for sent in scene.sent] == ["Still open: the budget"]


def test_a_missed_topic_counts_in_the_stages_of_its_moment_only() -> None:
    elsewhere = moment(
        "missed", speaker=Speaker.REP, when=When.MISSED_TOPIC, stages=frozenset({"opening"})
    )
    scene = Scene(playbook(elsewhere, stages=STAGES)).begin()
    scene.says(2_000, "tell me about that", REP)

    scene.says(4_000, "let me share my screen", REP)

    assert scene.decisions == []


def test_revocation_goes_back_to_the_first_stage() -> None:
    scene = staged()
    scene.says(2_000, "let me share my screen", REP)

    scene.orders(3_000, ControlAction.CONSENT_REVOKED)

    assert (scene.status.stage, scene.status.guidance) == ("opening", "Say hello.")
