"""What other tools and sheets call our statuses and our reasons for a lost lead.

A status of theirs says how far a lead came, and ours is the one that says the same. A text that
isn't here is no status: the lead stays New, and the plan says so.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from backend.core.vocabulary.folding import fold
from backend.models import Status
from backend.schemas.choices import REASONS

TEXTS: Mapping[Status, str] = {
    Status.NEW: (
        "new, fresh, new lead, new leads, fresh lead, created, complete, intake, open, open lead,"
        "not contacted, not called, not yet called, yet to call, to be called, to call, pending,"
        "call pending, uncalled, untouched, unattempted, not attempted, not started, unassigned,"
        "assigned, lead, subscriber, prospect, raw, received, enquiry, new enquiry, inquiry,"
        "to be contacted, yet to contact, not yet contacted, uncontacted, lead captured,"
        "lead created, pending call, attempt pending, just received, not dialed, not dialled,"
        "new unassigned, lead new, नई पूछताछ, पूछताछ, fresh enquiry, open not contacted,"
        "not contacted yet, contact later, not yet attempted,"
        "नया, नई, नई लीड, नया लीड, कॉल नहीं किया, कॉल करना है, बाकी, కొత్త, కొత్తది, కొత్త లీడ్,"
        "కాల్ చేయలేదు, కాల్ చేయాలి, புதிய, nuevo, nueva, novo, nova, nouveau, neu, جديد, baru"
    ),
    Status.CALLED: (
        "called, contacted, connected, contact made, attempted, attempted to contact, attempting,"
        "call attempted, rnr, ringing, ringing no response, ring no response, no answer,"
        "not answered, not answering, not picked, not picking, not picked up, did not pick,"
        "did not pick up, didnt pick, didnt pick up, dnp, call not picked, call not answered,"
        "no response, not responding, not reachable, unreachable, switched off, switch off,"
        "busy, line busy, call busy, user busy, not connected, call disconnected, disconnected,"
        "voicemail, voice mail, left message, left voicemail, call back, callback, call later,"
        "call back later, callback later, callback requested, call again, follow up, followup,"
        "follow ups, following up, to follow up, in follow up, follow up required,"
        "follow up needed, under follow up, contact in future, in progress, working, engaged,"
        "in discussion, in conversation, discussion, negotiation, interested, very interested,"
        "hot, hot lead, warm, warm lead, cold lead, qualified, pre-qualified, prequalified,"
        "marketing qualified lead, mql, sales qualified lead, sql, opportunity, open deal,"
        "nurture, nurturing, on hold, hold, bad timing, will think, thinking, will confirm,"
        "will let us know, will join, will visit, will come, details sent, details shared,"
        "information sent, info shared, whatsapp sent, message sent, contacted on whatsapp,"
        "spoke, spoken, spoke to parent, answered, counselling done, responded, active, not now,"
        "out of station, nr, n/r, cnr, call not received, not received, not lifting, not lifted,"
        "not lifting call, no lift, did not lift, call cut, cut the call, cutting call,"
        "out of coverage, out of network, not in coverage, cb, call back tomorrow, fu, f/u, cold,"
        "very hot, positive, will think and tell, need time, discussing with family,"
        "will discuss with family, exam time, after exams, after vacation, unresponsive,"
        "non responsive, whatsapp msg sent, msg sent, details shared on whatsapp,"
        "details sent on whatsapp, waiting for reply, no incoming, incoming not available,"
        "incoming barred, sw/off, s/off, s/w off, sw off, switchoff, switched of, not pick,"
        "no pick,"
        "ring, rang, call waiting, on another call, in a meeting, will call later,"
        "ask to call later,"
        "call tomorrow, call in evening, call evening, follow up later, language issue,"
        "did not lift,"
        "call dropped, call disconnected by customer, wants to visit, fees shared, brochure sent,"
        "phone off, phone switched off, mobile switched off, बात हो गई,"
        "working contacted, attempt, call attempt, call not connected, number busy, out of service,"
        "not reachable / switched off, switched off / not reachable, ringing no answer,"
        "did not answer, didnt answer, unanswered, didnt pick the call, did not pick the call,"
        "asked to call later, asked to call back, will call back, call after some time,"
        "highly interested, maybe, undecided, waiting list, 1st call done,"
        "first call done, no ans, message seen, ringing not answered,"
        "baat ho gayi, baat ho gai, baat hui, baat huyi, phone nahi uthaya, call nahi uthaya,"
        "nahi uthaya, baad me call karna, baad me call, lift cheyaledu, lift cheyatledu,"
        "call lift cheyaledu, phone lift cheyaledu, ettaledu, matladam, matladanu,"
        "कॉल नहीं उठाया, कॉल नहीं उठाई, నో ఆన్సర్,"
        "कॉल किया, कॉल हो गया, बात हुई, संपर्क किया, फॉलो अप, फॉलोअप, रुचि है, इच्छुक,"
        "फोन नहीं उठाया,"
        "फ़ोन नहीं उठाया, नहीं उठाया, बाद में कॉल करें, व्यस्त, कॉल बैक, సంప్రదించారు,"
        "కాల్ చేశారు, కాల్ చేసాం,"
        "మాట్లాడాం, ఫాలో అప్, ఆసక్తి ఉంది, ఫోన్ ఎత్తలేదు, తర్వాత కాల్ చేయాలి, బిజీ, contactado,"
        "en seguimiento, interesado, interessado, em contato, contacté, intéressé, kontaktiert,"
        "interessiert, تم الاتصال, مهتم, dihubungi, tertarik"
    ),
    Status.TRIAL_SCHEDULED: (
        "trial scheduled, trial, trial booked, trial fixed, trial confirmed, trial class,"
        "trial class booked, trial class scheduled, trial session, trial session booked,"
        "trial started, trial done, trial completed, trial attended, trial taken, trial given,"
        "free trial, on trial, in trial, will come for trial, coming for trial, trial over,"
        "demo, demo scheduled, demo booked, demo fixed, demo class, demo class booked,"
        "demo class scheduled, demo done, demo completed, demo attended, demo given, free demo,"
        "appointment scheduled, appointment booked, appointment, appointment fixed, meeting,"
        "meeting scheduled, meeting booked, visit scheduled, visit booked, visit planned,"
        "visit fixed, site visit scheduled, visited, visit done, walk-in scheduled, walked in,"
        "walkin, walk-in done, scheduled, booked, assessment scheduled, trial re-scheduled,"
        "attended trial, attended demo, attended the trial, took trial,"
        "trial class attended, trial class done, trial pending, trial no show,"
        "demo no show, meeting fixed, meeting done, assessment done, came for trial, came for demo,"
        "visited center, visited centre, visited ground, trial missed, trial not attended,"
        "demo not attended, converted to trial, trial done positive, ट्रायल हो गया,"
        "trial rescheduled, demo rescheduled, ट्रायल, ट्रायल बुक, ट्रायल तय, डेमो, डेमो बुक,"
        "डेमो क्लास,"
        "ట్రయల్, ట్రయల్ బుక్, డెమో, డెమో బుక్, prueba agendada, clase de prueba, aula experimental,"
        "essai programmé, probetraining, حصة تجريبية"
    ),
    Status.JOINED: (
        "joined, join, already joined, joined academy, converted, convert, conversion, won,"
        "closed won, closed - won, deal won, sale done, sale closed, sold, customer, client,"
        "enrolled, enrolment done, enrollment done, enroled, admission done, admission taken,"
        "admitted, admission confirmed, admission completed, admission, registered,"
        "registration done, payment done, paid, fee paid, fees paid, evangelist, subscribed,"
        "success, successful, member, existing student, already a student, current student,"
        "existing customer, active member, active student, full payment received,"
        "payment received, enrolment confirmed, enrollment confirmed, paid and joined,"
        "paid & joined, जुड़ गये, చేరిపోయారు,"
        "join ho gaya, join ho gaye, admission ho gaya, join ayyaru, join ayyadu, join ayyindi,"
        "జాయిన్ అయ్యాడు,"
        "जुड़ गया, जुड़ गए, जॉइन किया, ज्वाइन किया, प्रवेश लिया, एडमिशन हो गया, दाखिला हो गया,"
        "చేరారు, చేరాడు, చేరింది, జాయిన్ అయ్యారు, అడ్మిషన్ అయింది, inscrito, matriculado, ganado,"
        "ganho, inscrit, gagné, gewonnen, angemeldet, مشترك, تم التسجيل, bergabung"
    ),
    Status.DEAD: (
        "dead/not interested, dead, dead lead, not interested, no interest, uninterested, ni,"
        "lost, lost lead, closed lost, closed - lost, deal lost, junk, junk lead, spam, fake,"
        "fake lead, invalid, invalid lead, invalid number, wrong number, number invalid,"
        "number not in service, does not exist, disqualified, unqualified, not qualified,"
        "not eligible, not suitable, not fit, rejected, declined, refused, dropped,"
        "drop, dropped out, dropout, cancelled, canceled, do not call, dnd, dnc, do not contact,"
        "duplicate, duplicate lead, not required, not needed, just enquiry, just inquiry,"
        "casual enquiry, by mistake, clicked by mistake, joined elsewhere, joined other academy,"
        "joined another academy, joined somewhere else, too far,"
        "location issue, fee issue, no budget, discontinued, inactive, not intrested,"
        "not intersted, not int, not interested anymore, wrong no, invalid no,"
        "number does not exist, number not valid, not a valid number, number not existing,"
        "do not disturb, not required now, no need, denied, reject, joined other,"
        "joined in other academy, already joined elsewhere, distance issue, fees high,"
        "fees issue, age not eligible, underage, relocated, इंटरेस्टेड नहीं, रूचि नहीं,"
        "रूचि नहीं है,"
        "not interested now, junk/spam, spam/junk, lost to competitor, fees too high, too young,"
        "already joined other academy, already joined another academy, will not join, wont join,"
        "only enquiry, only inquiry, timing issue, timings issue, price issue, did not join,"
        "interest nahi, interest nahi hai, nahi chahiye, mana kar diya, interest ledu, vaddu,"
        "vaddu annaru,"
        "रुचि नहीं, रुचि नहीं है, इच्छुक नहीं, दिलचस्पी नहीं, नहीं चाहिए, गलत नंबर, मना किया,"
        "मना कर दिया,"
        "ఆసక్తి లేదు, ఇష్టం లేదు, వద్దు, తప్పు నంబర్, no interesado, no interesada, perdido,"
        "perdida,"
        "descartado, não interessado, sem interesse, pas intéressé, perdu, kein interesse,"
        "verloren, nicht interessiert, غير مهتم, tidak tertarik, batal"
    ),
}

_LOST_REASONS: Mapping[str, str] = {
    "Expensive fee": (
        "fee, fees, fee issue, fees issue, fee too high, fees too high, high fee, high fees,"
        "too expensive, expensive, costly, price, pricing, price too high, cost, budget,"
        "budget issue, no budget, fee high, fees high, over budget, out of budget, not affordable,"
        "fees are high, fee is high, cant afford, cannot afford, budget constraints,"
        "budget constraint, price issue, cost issue"
    ),
    "Timing mismatch": (
        "timing, timings, timing issue, timings issue, time issue, timing not suitable,"
        "timings not suitable, time mismatch, timing problem, batch timing, batch timings,"
        "batch timing issue, slot not suitable, timings mismatch, no time, school timings,"
        "school timing, school timing issue, timing clash, timings clash"
    ),
    "Days mismatch": "days, days issue, days not suitable, day mismatch, batch days",
    "Duration too long": "duration, too long, duration long, long duration",
    "Location/distance": (
        "location, distance, too far, far, far away, very far, location issue, distance issue,"
        "location too far, location far, distance too far, location distance, far from home"
    ),
    "Transportation problem": (
        "transport, transportation, transport issue, transportation issue, no transport,"
        "transport problem, travel issue, pick up and drop, no pick up, no transport facility,"
        "no transportation"
    ),
    "Coaching quality": "coaching, coach, quality, coach quality, coaching issue",
    "Age not suitable": (
        "age, age issue, age not eligible, too young, underage, under age, over age, too old,"
        "age mismatch, age not matching, age criteria"
    ),
    "Kid lost interest": (
        "kid not interested, child not interested, kid is not interested,"
        "child is not interested, child lost interest, lost interest, no interest from child"
    ),
    "Other": "others, other reason, other reasons, misc, miscellaneous",
}

_BY_TEXT: Mapping[str, Status] = MappingProxyType(
    {fold(text): status for status, texts in TEXTS.items() for text in texts.split(",")}
)
_SAY_MOST = (Status.JOINED, Status.DEAD, Status.TRIAL_SCHEDULED, Status.CALLED, Status.NEW)
# A longer text is a remark.
_LONGEST = 80
# How often or when someone was called, around a status: `1st RNR`, `RNR x 3`, `Follow up (5/12)`.
_MONTH = "(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*"
_DAY = (
    rf"(?:\d{{1,2}}[/.]\d{{1,2}}(?:[/.]\d{{2,4}})?|\d{{1,2}}-\d{{1,2}}-\d{{2,4}}"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?[ -]?{_MONTH}(?:[ -]?\d{{2,4}})?"
    rf"|{_MONTH}[ -]?\d{{1,2}}(?:st|nd|rd|th)?)"
)
_CLOCK = r"\d{1,2}(?:[:.]\d{2})? ?(?:am|pm|a\.m|p\.m)"
_TIMES = r"x ?\d{1,2}|\d{1,2} ?x|#?\d{1,2}(?:st|nd|rd|th)?(?: times?| attempts?)?"
_END = re.compile(rf"(?<!\w)(?:on|at|by|after|for|{_DAY}|{_CLOCK}|{_TIMES})$", re.IGNORECASE)
_SIGNS = " ,:()[].-"
# So many words, dates and numbers are taken off the end.
_MOST_ENDS = 6
_BEFORE = re.compile(rf"(?:{_DAY}|\d{{1,2}}(?:st|nd|rd|th)?)[\s.):-]+", re.IGNORECASE)
_PARTS = re.compile(r"([^-–—:/(,|]+?)\s*( [-–—] |[-–—:/(,|])\s*([^-–—:/(,|]+)")
# The statuses of leads that are still open, in their order.
_OPEN = (Status.NEW, Status.CALLED, Status.TRIAL_SCHEDULED)
_ENDS = (Status.JOINED, Status.DEAD)
# Behind a status, they may mean that a lead is lost.
_MAY_BE_LOST = frozenset(map(fold, ("not now", "bad timing", "hold", "on hold")))
# Said of a trial, they say nothing of the lead.
_OF_A_TRIAL = frozenset({"cancelled", "canceled", "dropped", "drop", "rejected", "declined"})
_COUNT = re.compile(r"(?<=[^\W\d_])[0-9]{1,2}$")
# The texts that name no one, in a column of owners.
NOBODY = frozenset(map(fold, ("unassigned", "not assigned", "none", "no owner", "na", "n/a", "-")))


def _reasons() -> Iterator[tuple[str, str]]:
    for reason in REASONS:
        yield fold(reason), reason
        for text in _LOST_REASONS[reason].split(","):
            yield fold(text), reason


_REASON_BY_TEXT: Mapping[str, str] = MappingProxyType(dict(_reasons()))


def status_of(text: str) -> Status | None:
    """Return the status that another tool's status stands for; None for an unknown one.

    Some count their calls, or say when the next one is: `RNR 2`, `Follow up on 5/12`. Some say more
    behind a sign: `Not interested - fees high`.
    """
    key = fold(text)
    plain = _BY_TEXT.get(key) or _BY_TEXT.get(_COUNT.sub("", key)) or _without_calls(text)
    return plain or _of_two_parts(text)


def is_text(text: str) -> bool:
    """Return whether a text is a status as it is, and says nothing of calls beside it."""
    return fold(text) in _BY_TEXT


def furthest(found: Iterable[Status]) -> Status | None:
    """Return the status that says most of several; None if they contradict each other.

    A lead that was called and is lost now is lost. One can't be lost and have joined.
    """
    said = set(found)
    if {Status.JOINED, Status.DEAD} <= said:
        return None
    return next((one for one in _SAY_MOST if one in said), None)


def _without_calls(text: str) -> Status | None:
    """Return what a text stands for without the calls that it counts."""
    if len(text) > _LONGEST:
        return None
    bare = text.strip(_SIGNS)
    for _ in range(_MOST_ENDS):
        bare = _END.sub("", bare).rstrip(_SIGNS)
    start = _BEFORE.match(bare)
    return _BY_TEXT.get(fold(bare[start.end() :] if start else bare))


def _of_two_parts(text: str) -> Status | None:
    """Return what two parts of a text stand for together; None if they contradict each other.

    The second part says what came later, or the same again, or why a lead is lost.
    """
    parts = _PARTS.fullmatch(text.strip(_SIGNS))
    if parts is None or len(text) > _LONGEST:
        return None
    first, second = fold(parts[1]), fold(parts[3])
    before, after = _BY_TEXT.get(first), _BY_TEXT.get(second)
    if before is Status.DEAD and (after is Status.DEAD or second in _REASON_BY_TEXT):
        return before
    if before is None or after is None or second in _MAY_BE_LOST:
        return None
    if before is after:
        return after
    # `Interested / Not interested` is a choice that nobody has made.
    may_follow = parts[2] != "/" and not (second in _OF_A_TRIAL and before is _OPEN[-1])
    later = (*_OPEN[_OPEN.index(before) + 1 :], *_ENDS) if before in _OPEN else ()
    return after if may_follow and after in later else None


def lost_reason_of(text: str, offered: Sequence[str] = REASONS) -> str | None:
    """Return the offered reason that a text is or stands for; None for any other."""
    key = fold(text)
    # A text of signs alone folds to nothing, as others do.
    own = next((one for one in offered if key and fold(one) == key), None)
    usual = _REASON_BY_TEXT.get(key)
    return own or (usual if usual in offered else None)
