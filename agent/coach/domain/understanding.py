"""Both engines and what is decided on what they find. Thrown away when consent is revoked.

The trigger engine (`coaching`) sees every partial; the advisor sees completed turns. What they
find meets here, in one order: what was heard, what it means, what becomes of it.
"""

from coach.domain.advice import ToolCall
from coach.domain.advising import Advising, Answered
from coach.domain.candidates import Candidate
from coach.domain.coaching import Coaching
from coach.domain.deciding import Deciding
from coach.domain.events import (
    Ack,
    AdvisorAnswered,
    Feedback,
    Heard,
    SpeakingChanged,
    Summarised,
    Told,
    ToolReturned,
    Transcript,
    TurnCompleted,
)
from coach.domain.findings import Finding, Refused, StageChanged, TurnOver, UtteranceClosed
from coach.domain.job import Job
from coach.domain.knowledge import Abilities, Knowledge
from coach.domain.nudge import Evidence, Path
from coach.domain.outputs import Output, RunTool, Summarise
from coach.domain.playbook import Speaker, Stage
from coach.domain.prompting import Background
from coach.domain.proposals import Proposals
from coach.domain.records import Reason
from coach.domain.retrieval import Found, Query, query_of
from coach.domain.screen import Look, ScreenMoment, ScreenSampled
from coach.domain.slides import Slides
from coach.domain.suggesting import card_candidate
from coach.domain.tools import ACCOUNT_CONTEXT
from coach.domain.transcript import Utterance
from coach.domain.turns import Turn
from coach.domain.window import Utterances

_UNANSWERED = 2
"""Questions in a row without an answer after which the model counts as down."""


class Understanding:
    """What is learnt from a call while it is heard."""

    def __init__(self, job: Job, knowledge: Knowledge, abilities: Abilities) -> None:
        self._job, self._knowledge, self._abilities = job, knowledge, abilities
        playbook = knowledge.playbook
        self._coaching = Coaching(
            playbook,
            knowledge.matcher,
            turns_given=abilities.are_turns_given,
            is_rep_transcribed=job.transcribe_rep,
        )
        self._utterances = Utterances()
        self._slides = Slides(playbook.moments.values(), knowledge.screen_matcher)
        self._is_talking = False  # as the eye was told last
        self._advising = Advising(
            playbook, self._utterances, self._slides, is_on=abilities.has_advisor
        )
        self._deciding = Deciding(playbook.budget, job.call_id)
        self._proposals = Proposals(job.call_id)
        self._passages: tuple[Found, ...] = ()
        self._is_condensing = False
        names = (job.account.name or "", job.account.id or "", job.account.domain or "")
        self._names = tuple(name for name in names if name)

    def afresh(self) -> "Understanding":
        """Return one that knows nothing of the call, but keeps the rep's mute and the meters."""
        other = Understanding(self._job, self._knowledge, self._abilities)
        other._deciding = self._deciding.afresh(self._knowledge.playbook.budget)
        other._slides.sent_count = self._slides.sent_count
        return other

    # -- what is true now -----------------------------------------------------------------------

    @property
    def stage(self) -> Stage | None:
        """The stage the call is in."""
        return self._coaching.stage

    @property
    def is_thinking(self) -> bool:
        """Whether the advisor was asked and has not answered."""
        return self._advising.is_thinking

    @property
    def is_advisor_down(self) -> bool:
        """Whether the model is not to be counted on. One missing answer is no news."""
        return self._advising.unanswered_count >= _UNANSWERED

    @property
    def muted_until_ms(self) -> int | None:
        """Until when the rep wants silence; `UNTIL_UNMUTED` for no end."""
        return self._deciding.muted_until_ms

    def meters(self) -> dict[str, int]:
        """Return how many pictures were sent."""
        return {"images": self._slides.sent_count}

    # -- what is heard --------------------------------------------------------------------------

    def begin(self) -> list[Output]:
        """Somebody is listened to from now on: look up what is known of the account."""
        has_account = bool(self._names) and self._abilities.has_tools
        if has_account and self._advising.lookups.want(ACCOUNT_CONTEXT):
            return [RunTool(ACCOUNT_CONTEXT)]
        return []

    def heard(self, event: Heard, at_ms: int) -> list[Output]:
        """Somebody began or ceased to speak, words were recognised, or a turn is complete."""
        match event:
            case TurnCompleted(identity):
                return self._take(self._coaching.turn(identity, at_ms), at_ms)
            case SpeakingChanged(identity):
                self._coaching.speaking(event, self._job.speaker(identity), at_ms)
                return self._watch_talk()
            case Transcript():
                outputs = self._take(self._coaching.transcript(event, at_ms), at_ms)
                if self._slides.must_be_read(event):
                    outputs.append(Look(self._is_talking, is_fine_print=True))
                return outputs + self._watch_talk()

    def told(self, event: Told, at_ms: int) -> list[Output]:
        """The eye, the model or a tool reports."""
        match event:
            case ScreenSampled():
                return self._seen(self._slides.sampled(event, at_ms), at_ms)
            case AdvisorAnswered():
                return self._advised(event, at_ms)
            case ToolReturned():
                return self._advising.tool_returned(event, self._background(), at_ms)
            case Summarised(text):
                self._condensed(text)
                return []

    def left(self, identity: str, at_ms: int) -> None:
        """Somebody left."""
        self._coaching.left(identity, at_ms)
        self._slides.talking(not self._coaching.is_quiet)

    def pause(self, at_ms: int, reason: Reason) -> list[Output]:
        """Nobody is heard from now on: neither what was going on nor what waits is kept up."""
        self._coaching.pause(at_ms)
        self._slides.pause()
        self._advising.lookups.forget_pending()
        self._is_condensing = False
        self._is_talking = False
        return [*self._advising.stop(), *self._deciding.clear(at_ms, reason)]

    def due_ms(self, at_ms: int) -> int | None:
        """When time alone changes something while somebody is listened to."""
        dues = (self._coaching.due_ms(at_ms), self._advising.due_ms(), self._slides.due_ms())
        return min((due for due in dues if due is not None), default=None)

    def tick(self, at_ms: int) -> list[Output]:
        """Do what time alone has made due while somebody is listened to."""
        outputs = self._take(self._coaching.tick(at_ms), at_ms)
        outputs += self._seen(self._slides.tick(at_ms), at_ms)
        return outputs + self._advising.tick(self._background(), at_ms)

    # -- what the rep does ----------------------------------------------------------------------

    def ack(self, event: Ack, at_ms: int) -> list[Output]:
        """Take the panel's answer to one attempt."""
        return self._deciding.ack(event, at_ms)

    def feedback(self, event: Feedback, at_ms: int) -> list[Output]:
        """The rep's key under a nudge: only a yes to a proposal has consequences."""
        call = self._proposals.answer(event, at_ms)
        return [] if call is None else [RunTool(call, is_approved=True)]

    def mute(self, at_ms: int, seconds: float | None) -> list[Output]:
        """Show nothing for some seconds, or until unmuted."""
        return self._deciding.mute(at_ms, seconds)

    def unmute(self) -> None:
        """Show nudges again."""
        self._deciding.unmute()

    def clear(self, at_ms: int, reason: Reason) -> list[Output]:
        """Drop what waits."""
        return [*self._advising.stop(), *self._deciding.clear(at_ms, reason)]

    def delivery_due_ms(self) -> int | None:
        """When time alone changes something, listened to or not."""
        return self._deciding.due_ms()

    def delivery_tick(self, at_ms: int) -> list[Output]:
        """Drop what has outlived its use; end a mute that is over."""
        return self._deciding.tick(at_ms)

    # -- from findings to outputs ---------------------------------------------------------------

    def _take(self, findings: list[Finding], at_ms: int) -> list[Output]:
        outputs: list[Output] = []
        for finding in findings:
            match finding:
                case UtteranceClosed(utterance):
                    outputs += self._said(utterance, at_ms)
                case TurnOver(turn):
                    outputs += self._completed(turn, at_ms)
                case _:
                    if isinstance(finding, StageChanged):
                        self._slides.stage_changed(at_ms)
                    outputs += self._deciding.decide([finding], at_ms)
        return outputs

    def _said(self, utterance: Utterance, at_ms: int) -> list[Output]:
        """Somebody's words are final: remember them, and hold them against the slide."""
        self._utterances.add(utterance, at_ms)
        if utterance.speaker is not Speaker.REP:
            return []
        return self._seen(self._slides.said(utterance.text, at_ms), at_ms)

    def _watch_talk(self) -> list[Output]:
        """While somebody speaks the screen is watched more closely."""
        is_talking, was_talking = not self._coaching.is_quiet, self._is_talking
        self._is_talking = is_talking
        self._slides.talking(is_talking)
        return [Look(is_talking)] if is_talking is not was_talking else []

    def _seen(self, moments: list[ScreenMoment], at_ms: int) -> list[Output]:
        """Weigh what the screen has caused, as any moment."""
        rep = self._job.rep.identity
        found: list[Finding] = []
        for seen in moments:
            moment, rule = seen.moment, seen.moment.when.value
            where = Evidence(Speaker.REP, rep, seen.start_ms, seen.end_ms, seen.quote)
            if self._coaching.fits_stage(moment):
                found.append(Candidate(moment, moment.advice, Path.SCREEN, where, rule))
            else:
                found.append(Refused(moment.id, Reason.STAGE, where, rule, Path.SCREEN))
        return self._deciding.decide(found, at_ms)

    def _completed(self, turn: Turn, at_ms: int) -> list[Output]:
        """Look up what fits, bring up a card that answers, ask the advisor: in this order."""
        found = self._knowledge.passages.search(query_of(self._utterances, self._names))
        self._passages = tuple(found)
        playbook = self._knowledge.playbook
        # A card answers the turn itself: what was said before would only thin the question out.
        alone = self._knowledge.passages.search(Query((turn.text,), self._names))
        candidate = card_candidate(turn, alone, playbook)
        outputs = self._deciding.decide([candidate], at_ms) if candidate else []
        outputs += self._advising.turn(turn, self._background(), at_ms)
        return outputs + self._condense()

    def _follow(self, answered: Answered, at_ms: int) -> list[Output]:
        """Do what an answer asks for besides a hint: a stage, something to be written."""
        outputs: list[Output] = []
        if answered.stage is not None:
            outputs += self._take(self._coaching.refine_stage(answered.stage, at_ms), at_ms)
        for call in answered.proposals:
            outputs += self._propose(call, at_ms)
        return outputs

    def _propose(self, call: ToolCall, at_ms: int) -> list[Output]:
        candidate = self._proposals.propose(call, at_ms)
        return [] if candidate is None else self._deciding.decide([candidate], at_ms)

    def _advised(self, event: AdvisorAnswered, at_ms: int) -> list[Output]:
        answered = self._advising.answered(event, self._background(), at_ms)
        outputs = self._deciding.decide(list(answered.findings), at_ms)
        return outputs + self._follow(answered, at_ms) + list(answered.outputs)

    def _condense(self) -> list[Output]:
        """Have what left the window condensed, in the background, one at a time."""
        text = self._utterances.to_condense()
        if text is None or self._is_condensing or not self._abilities.has_advisor:
            return []
        self._is_condensing = True
        return [Summarise(text)]

    def _condensed(self, text: str) -> None:
        """Take a model's telling of what was said before the window."""
        self._is_condensing = False
        if text:
            self._utterances.condensed(text)

    def _background(self) -> Background:
        stage = self.stage
        return Background(
            stage=stage.id if stage else None,
            summary=self._utterances.summary,
            passages=self._passages,
            screen_text=self._slides.text,
            hints=tuple(self._deciding.hints()),
        )
