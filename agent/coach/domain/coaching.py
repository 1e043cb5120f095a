"""What was heard becomes candidates for nudges. Forgotten whole when consent is revoked."""

from dataclasses import replace

from coach.domain.candidates import Candidate
from coach.domain.discounts import Offer, over_authority
from coach.domain.events import SpeakingChanged, Transcript
from coach.domain.findings import (
    Finding,
    Refused,
    StageChanged,
    TurnOver,
    UtteranceClosed,
    Withdrawn,
)
from coach.domain.matching import Hit, Matcher, Veto
from coach.domain.nudge import Evidence, Path
from coach.domain.pace import Pace, ShapeMoment
from coach.domain.places import Fill
from coach.domain.playbook import Moment, Playbook, Speaker, Stage, Topic, When
from coach.domain.records import Reason
from coach.domain.stages import Stages
from coach.domain.transcript import Segment, Transcripts, evidence, spoken_words
from coach.domain.turns import Turn, Turns

_RULE_CHARACTERS = 80  # of a pattern, enough to find it again in its file
_VETO_REASONS = {Veto.NEGATED: Reason.NEGATED, Veto.NEAR_MISS: Reason.NEAR_MISS}


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
        # Topics are mostly covered by the rep's questions: unheard, each would seem missed.
        missed = [moment for moment in moments if moment.when is When.MISSED_TOPIC]
        self._missed = missed if is_rep_transcribed else []

    @property
    def stage(self) -> Stage | None:
        """The stage the call is in."""
        return self._stages.current

    def speaking(self, event: SpeakingChanged, speaker: Speaker, at_ms: int) -> None:
        """Somebody began or ceased to speak."""
        voices = self._pace.voices
        voices.activity(event.identity, speaker, is_active=event.is_active, at_ms=at_ms)

    def left(self, identity: str, at_ms: int) -> None:
        """Somebody left: what they were saying gets no final."""
        self._transcripts.drop(identity)
        self._pace.voices.left(identity, at_ms)

    def pause(self, at_ms: int) -> None:
        """Nobody listens from now on. What was going on is over, what was learnt stays."""
        self._transcripts.pause()
        self._turns.pause()
        self._pace.pause(at_ms)

    def transcript(self, event: Transcript, at_ms: int) -> list[Finding]:
        """Take words, partial or final, and return what they mean.

        What a final takes back comes first: it gives way to what the final says.
        """
        who, side, words = event.identity, event.speaker, spoken_words(event)
        self._note_voice(event, at_ms)
        segment = self._transcripts.segment(event, at_ms)
        is_coached = words and side is not Speaker.TEAM
        hits = self._heard(event, words, segment) if is_coached else []
        found = [f for hit in hits if (f := self._judge(hit, event, words, segment, at_ms))]
        found.sort(key=_urgency)
        if event.is_final:
            borne_out = {hit.moment for hit in hits if self._is_borne_out(hit, words)}
            withdrawn = [Withdrawn(moment, who) for moment in sorted(segment.offered - borne_out)]
            found = [*withdrawn, *found, *self._close(event, words, at_ms)]
        if side is not Speaker.PROSPECT:
            self._pace.own_side_spoke(event.text)
        return found

    def _heard(self, event: Transcript, words: list[str], segment: Segment) -> list[Hit]:
        if segment.matcher is None:
            segment.matcher = self._matcher.begin(event.speaker, segment.before)
        # A final must bear out what was decided; until then nothing more is asked about it.
        skip = frozenset[str]() if event.is_final else segment.decided
        return segment.matcher.find(words, is_final=event.is_final, skip=skip)

    def _note_voice(self, event: Transcript, at_ms: int) -> None:
        who, voices = event.identity, self._pace.voices
        if event.text.strip():
            self._turns.words_heard(who)
            voices.words(who, event.speaker, event.start_ms, at_ms)
        if event.is_final:
            voices.words_ended(who, at_ms if event.end_ms is None else event.end_ms)

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
        return findings + self._moved_on(self._stages.tick(at_ms), at_ms)

    @property
    def is_quiet(self) -> bool:
        """Whether nobody speaks now."""
        return self._pace.voices.is_quiet

    def fits_stage(self, moment: Moment) -> bool:
        """Whether a moment may come in the stage the call is in."""
        return self._fits_stage(moment, self.stage)

    def refine_stage(self, stage: str, at_ms: int) -> list[Finding]:
        """The advisor names the stage: forward, or at most one back."""
        return self._moved_on(self._stages.refine(stage), at_ms)

    def _judge(
        self, hit: Hit, event: Transcript, words: list[str], segment: Segment, at_ms: int
    ) -> Finding | None:
        """One say per moment and segment; what later words may still change waits for them."""
        if hit.moment in segment.decided or hit.is_held:
            return None
        moment = self._playbook.moments[hit.moment]
        offer = self._offer(moment, hit, words)
        if offer is None and moment.when is When.OVER_AUTHORITY:
            return None  # an offer within authority is no moment
        first, last = (hit.first, hit.last) if offer is None else (offer.first, offer.last)
        quote = evidence(event, words, first, last, at_ms)
        rule = f"{hit.how}: {hit.rule[:_RULE_CHARACTERS]}"
        reason = self._refusal(hit, moment)
        if reason is not None:
            if event.is_final:
                segment.decided.add(hit.moment)
                return Refused(hit.moment, reason, quote, rule)
            return None
        segment.decided.add(hit.moment)
        segment.offered.add(hit.moment)
        if offer is not None:
            return Candidate(moment, moment.advice, Path.TRIGGER, quote, rule, fill=offer.fill)
        card = self._playbook.battlecards.get(hit.card) if hit.card else None
        advice = moment.advice if card is None else card.advice
        return Candidate(moment, advice, Path.TRIGGER, quote, rule, card.id if card else None)

    def _is_borne_out(self, hit: Hit, words: list[str]) -> bool:
        """Whether a final's words make the moment: an offer needs an amount above authority."""
        moment = self._playbook.moments[hit.moment]
        is_offer = moment.when is When.OVER_AUTHORITY
        return hit.veto is None and (not is_offer or self._offer(moment, hit, words) is not None)

    def _offer(self, moment: Moment, hit: Hit, words: list[str]) -> Offer | None:
        if moment.when is not When.OVER_AUTHORITY:
            return None
        return over_authority(words, hit.first, hit.last, self._playbook.discounts)

    def _refusal(self, hit: Hit, moment: Moment) -> Reason | None:
        if hit.veto is not None:
            return _VETO_REASONS[hit.veto]
        return None if self.fits_stage(moment) else Reason.STAGE

    def _close(self, event: Transcript, words: list[str], at_ms: int) -> list[Finding]:
        """A final: the stage may move, a turn of somebody else may be over.

        A final without words only says that the partials before it were nothing.
        """
        utterance = self._transcripts.close(event, at_ms)
        self._stages.cover(self._matcher.topics(words))
        cues = frozenset[str]() if event.speaker is Speaker.TEAM else self._matcher.cues(words)
        moved_on = self._moved_on(self._stages.cue(cues), at_ms)
        # Turns of others that this one's words end were over before these words.
        ended = self._completed(self._turns.add(utterance, at_ms), at_ms)
        return [*moved_on, *ended, UtteranceClosed(utterance)]

    def _completed(self, turns: list[Turn], at_ms: int) -> list[Finding]:
        findings: list[Finding] = []
        for turn in turns:
            findings += self._shapes(self._pace.turn(turn, at_ms))
            findings.append(TurnOver(turn))
        return findings

    def _shapes(self, shapes: list[ShapeMoment]) -> list[Finding]:
        return [self._shape(shape) for shape in shapes]

    def _shape(self, shape: ShapeMoment) -> Finding:
        moment, rule = shape.moment, shape.moment.when.value
        where = Evidence(shape.speaker, shape.identity, shape.start_ms, shape.end_ms, shape.quote)
        if self.fits_stage(moment):
            return Candidate(moment, moment.advice, Path.PACE, where, rule)
        return Refused(moment.id, Reason.STAGE, where, rule, Path.PACE)

    def _fits_stage(self, moment: Moment, stage: Stage | None) -> bool:
        return not moment.stages or stage is None or stage.id in moment.stages

    def _moved_on(self, ended: tuple[Stage, ...], at_ms: int) -> list[Finding]:
        """Stages are over: say which topic nobody spoke about, the first one only."""
        findings: list[Finding] = []
        for moment in self._missed:
            stages = [stage for stage in ended if self._fits_stage(moment, stage)]
            topics = [topic for stage in stages for topic in self._stages.missed(stage)]
            findings += [_missed_topic(moment, topic, at_ms) for topic in topics[:1]]
        if ended and self.stage is not None:
            findings.append(StageChanged(self.stage))
        return findings


def _urgency(finding: Finding) -> int:
    return -finding.moment.priority if isinstance(finding, Candidate) else 0


def _missed_topic(moment: Moment, topic: Topic, at_ms: int) -> Candidate:
    where = Evidence(Speaker.REP, "", at_ms, at_ms)
    advice = replace(moment.advice, say=topic.ask)
    rule = f"missed_topic: {topic.id}"
    return Candidate(moment, advice, Path.STAGE, where, rule, fill=topic_fill(topic))


def topic_fill(topic: Topic) -> Fill:
    """Return what the places of an advice about a missed topic are filled with."""
    return (("topic", topic.name), ("ask", topic.ask))
