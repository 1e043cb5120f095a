"""A playbook of another trade with enough examples to learn from."""

from dataclasses import replace

from coach.domain.playbook import Answer, Moment, Playbook, Sentences
from unit.matching.sample import moment, playbook

_REFUNDS = """
I want my money back
could you refund the last lesson
can I get a refund for the class I missed
please pay back what I paid for the course
I'd like the fee for that lesson returned
you owe me the money for two lessons
how do I get my money back for the week I was ill
give me back the fee
I would like to be refunded for Tuesday
can you return the payment for the exam
is there a refund if the teacher is ill
I paid twice, so I want one payment back
refund me the course, it was cancelled
I want the fee back because nobody taught me
will you pay me back the lesson that did not happen
when do I get the refund you promised
send the money back to my card
I'd rather have my money back than another lesson
return my fee, please
my mother wants her money back
could I have the payment back for the cancelled class
we would like the course fee refunded
do I get my fee back when I leave early
that lesson was not given, refund it
""".strip().splitlines()
_TEACHERS = """
can I have another teacher
I don't get along with my teacher
could somebody else teach me
I'd like to change teachers
my teacher shouts at me, I want a different one
is there a woman who could teach me instead
the teacher is never on time, can we switch
please give me a new teacher
I would prefer a teacher who speaks slower
my daughter is afraid of her teacher
could we swap the teacher for Mondays
who else could teach my son
we want another teacher for the girls
I can't learn with him as a teacher
she's a bad teacher for beginners
the new teacher doesn't explain anything
I liked the old teacher better, can she come back
my teacher and I are not a good match
do you have a teacher with more patience
change the teacher or I stop
may I choose another teacher
I need a teacher who understands children
is it possible to get a different teacher for the exam
our teacher doesn't prepare the lessons
""".strip().splitlines()
_NOT_REFUNDS = """
the shop gave me my money back for the shoes
I paid the fee yesterday
the lesson was about money
my bank returned the card
the school trip was refunded last year and everybody was happy
""".strip().splitlines()


def refund() -> Moment:
    """Return a moment with one phrase, and examples in other words."""
    return replace(
        moment("refund", "my money back"),
        bulk=Sentences(tuple(_REFUNDS), tuple(_NOT_REFUNDS)),
    )


def teacher() -> Moment:
    """Return another moment of the same trade."""
    return replace(moment("teacher", "another teacher"), bulk=Sentences(tuple(_TEACHERS)))


def school(language: str = "en") -> Playbook:
    """Return a playbook for a language school."""
    return replace(playbook(refund(), teacher()), language=language)


_INVITED = """
would you like to come to a trial lesson
shall I put you down for a trial lesson
do you want to try a lesson on Tuesday
could I sign you up for the evening course
shall we start you in the beginners' course
would a trial lesson next week suit you
""".strip().splitlines()
_ASKED_OTHERWISE = """
did you find the room without trouble
can you hear me all right
was the bus on time today
is it warm enough in there
did the caretaker let you in
are you still at the old address
""".strip().splitlines()
_ASSENTS = """
yes please
sure why not
yes that would be nice
oh yes very much
""".strip().splitlines()


def trial() -> Moment:
    """Return a moment that is nothing but a yes, after the right question."""
    return replace(
        moment("trial", "sign me up"),
        bulk=Sentences(
            answers=tuple(Answer(after, text) for after in _INVITED for text in _ASSENTS),
            counteranswers=tuple(
                Answer(after, text) for after in _ASKED_OTHERWISE for text in _ASSENTS
            ),
        ),
    )
