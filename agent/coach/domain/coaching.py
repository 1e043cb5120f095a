"""What was heard becomes candidates for nudges. Forgotten whole when consent is revoked."""

from dataclasses import dataclass

from coach.domain.discounts import over_authority
from coach.domain.events import SpeakingChanged, Transcript
from coach.domain.matching import Hit, Matcher, Veto
from coach.domain.nudges import Candidate
from coach.domain.outputs import Evidence, Path, Reason
from coach.domain.pace import Pace, ShapeMoment
from coach.domain.playbook import Advice, Moment, Playbook, Speaker, Stage, When
from coach.domain.stages import Stages
from coach.domain.transcript import Segment, Transcripts, evidence, spoken_words
from coach.domain.turns import Turn, Turns

_VETO_REASONS = {Veto.NEGATED: Reason.NEGATED, Veto.NEAR_MISS: Reason.NEAR_MISS}


@dataclass(frozen=True, slots=True)
class Refused:
    """A moment was recognised and does not count."""

    moment: str
    reason: Reason
    evidence: Evidence
    rule: str


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A partial's moment that its final does not bear out."""

    moment: str
    identity: str


@dataclass(frozen=True, slots=True)
class StageChanged:
    """The call has moved on."""

    stage: Stage


Finding = Candidate | Refused | Withdrawn | StageChanged


class Coaching:
    """Recognises moments in words, turns, voices and the passing of time."""

    def __init__(
        self, playbook: Playbook, matcher: Matcher, *, turns_given: bool, is_rep_transcribed: bool
    ) -> None:
        self._playbook = playbook
        self._matcher = matcher
        self._transcripts = Transcripts()
        self._turns = Turns(is_given=turns_given)
        self._stages = Stages(playbook.stages)
        moments = playbook.moments.values()
        self._pace = Pace(moments, is_rep_transcribed=is_rep_transcribed)
        self._missed = [moment for moment in moments if moment.when is When.MISSED_TOPIC]

    @property
    def stage(self) -> Stage | None:
        """The stage the call is in."""
        return self._stages.current

    def speaking(self, event: SpeakingChanged, speaker: Speaker, at_ms: int) -> None:
        """Somebody began or ceased to speak."""
        voices = self._pace.voices
        voices.activity(event.identity, speaker, is_active=event.is_active, at_ms=at_ms)

    def left(self, identity: str, at_ms: int) -> None:
        """Somebody left."""
        self._pace.voices.left(identity, at_ms)

    def transcript(self, event: Transcript, at_ms: int) -> list[Finding]:
        """Take words, partial or final, and return what they mean."""
        who, side = event.identity, event.speaker
        self._turns.words_heard(who)
        self._pace.voices.words(who, side, event.start_ms, event.end_ms, at_ms)
        words = spoken_words(event)
        if not words or side is Speaker.TEAM:
            return self._close(event, words, at_ms) if event.is_final else []
        segment = self._transcripts.segment(who)
        hits = self._matcher.find(words, side, is_final=event.is_final)
        findings = [f for hit in hits if (f := self._judge(hit, event, words, segment, at_ms))]
        findings.sort(key=_urgency)
        if event.is_final:
            findings += _withdrawals(segment, hits, who)
            findings += self._close(event, words, at_ms)
        return findings

    def turn(self, identity: str, at_ms: int) -> list[Finding]:
        """The recogniser's session says that a turn is complete."""
        turn = self._turns.complete(identity)
        return [] if turn is None else self._completed([turn], at_ms)

    def due_ms(self, at_ms: int) -> int | None:
        """When time alone will change something."""
        dues = (self._turns.due_ms(), self._stages.due_ms(), self._pace.due_ms(at_ms))
        return min((due for due in dues if due is not None), default=None)

    def tick(self, at_ms: int) -> list[Finding]:
        """Return what time alone has brought."""
        findings = self._completed(self._turns.tick(at_ms), at_ms)
        findings += self._shapes(self._pace.tick(at_ms))
        ended = self._stages.tick(at_ms)
        return findings + ([] if ended is None else self._moved_on(ended, at_ms))

    def _judge(
        self, hit: Hit, event: Transcript, words: list[str], segment: Segment, at_ms: int
    ) -> Finding | None:
        """One say per moment and segment; what later words may still change waits for them."""
        if hit.moment in segment.decided or hit.is_held:
            return None
        moment = self._playbook.moments[hit.moment]
        quote = evidence(event, words, hit.first, hit.last, at_ms)
        rule = f"{hit.how}: {hit.rule}"
        reason = self._refusal(hit, moment)
        if reason is not None:
            if event.is_final:
                segment.decided.add(hit.moment)
                return Refused(hit.moment, reason, quote, rule)
            return None
        candidate = self._candidate(moment, hit, words, quote, rule)
        if candidate is not None:
            segment.decided.add(hit.moment)
            segment.offered[hit.moment] = hit.rule
        return candidate

    def _refusal(self, hit: Hit, moment: Moment) -> Reason | None:
        if hit.veto is not None:
            return _VETO_REASONS[hit.veto]
        stage = self.stage
        if moment.stages and stage is not None and stage.id not in moment.stages:
            return Reason.STAGE
        return None

    def _candidate(
        self, moment: Moment, hit: Hit, words: list[str], quote: Evidence, rule: str
    ) -> Candidate | None:
        if moment.when is When.OVER_AUTHORITY:
            offer = over_authority(words, hit.first, hit.last, self._playbook.discounts)
            if offer is None:
                return None
            return Candidate(moment, moment.advice, Path.TRIGGER, quote, rule, fill=offer)
        card = self._playbook.battlecards.get(hit.card) if hit.card else None
        advice = moment.advice if card is None else card.advice
        return Candidate(moment, advice, Path.TRIGGER, quote, rule, card.id if card else None)

    def _close(self, event: Transcript, words: list[str], at_ms: int) -> list[Finding]:
        """A final: the stage may move, a turn of somebody else may be over."""
        findings: list[Finding] = []
        if event.speaker is not Speaker.TEAM:
            self._stages.cover(self._matcher.topics(words))
            ended = self._stages.cue(self._matcher.cues(words))
            findings += [] if ended is None else self._moved_on(ended, at_ms)
        if event.speaker is Speaker.REP:
            self._pace.rep_spoke(event.text)
        utterance = self._transcripts.close(event, at_ms)
        return findings + self._completed(self._turns.add(utterance, at_ms), at_ms)

    def _completed(self, turns: list[Turn], at_ms: int) -> list[Finding]:
        return [found for turn in turns for found in self._shapes(self._pace.turn(turn, at_ms))]

    def _shapes(self, shapes: list[ShapeMoment]) -> list[Finding]:
        return [_shape_candidate(shape) for shape in shapes if self._fits_stage(shape.moment)]

    def _fits_stage(self, moment: Moment) -> bool:
        stage = self.stage
        return not moment.stages or stage is None or stage.id in moment.stages

    def _moved_on(self, ended: Stage, at_ms: int) -> list[Finding]:
        findings: list[Finding] = []
        missed = self._stages.missed(ended)
        if missed:
            topic = missed[0]
            for moment in self._missed:
                where = Evidence(Speaker.REP, "", at_ms, at_ms)
                told = Advice(moment.advice.headline, moment.advice.detail, topic.ask)
                fill = (("topic", topic.name), ("ask", topic.ask))
                rule = f"missed_topic: {topic.id}"
                findings.append(Candidate(moment, told, Path.STAGE, where, rule, fill=fill))
        if self.stage is not None:
            findings.append(StageChanged(self.stage))
        return findings


def _urgency(finding: Finding) -> int:
    return -finding.moment.priority if isinstance(finding, Candidate) else 0


def _withdrawals(segment: Segment, hits: list[Hit], identity: str) -> list[Finding]:
    borne_out = {hit.moment for hit in hits if hit.veto is None}
    return [Withdrawn(moment, identity) for moment in segment.offered if moment not in borne_out]


def _shape_candidate(shape: ShapeMoment) -> Candidate:
    where = Evidence(shape.speaker, shape.identity, shape.start_ms, shape.end_ms)
    rule = shape.moment.when.value
    return Candidate(shape.moment, shape.moment.advice, Path.PACE, where, rule)
