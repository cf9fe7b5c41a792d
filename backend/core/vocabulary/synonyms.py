"""The names of each field, in the order in which they are believed.

A field has tiers. If several columns of a row have a value for it, the one of the first tier
counts; within a tier, the first column. So a child's own name comes before a name that may be a
parent's.

Sources: Meta's instant forms and their labels in Meta's languages, the exports of Ads Manager and
of Leads Center, Google Forms, HubSpot, Zoho, LeadSquared, TeleCRM, and sheets in English, Hindi and
Telugu.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from backend.core.text_cache import cached_if_short
from backend.core.vocabulary import contact_synonyms, possessives, sentences, work_synonyms
from backend.core.vocabulary.folding import fold

# What a lead's own data are, and then what was done about it elsewhere.
DATA = (
    "created_time",
    "player_name",
    "player_age_category",
    "phone",
    "email",
    "address",
    "center",
    "leadgen_id",
    "birth_date",
    "first_name",
    "middle_name",
    "last_name",
    "campaign",
)
WORK = ("status", "comment", "next_followup_date", "lost_reason", "owner", "source")
FIELDS = DATA + WORK

# From this tier on, a column is called no more than `name`.
MERE_NAMES = 2
# The column of a spreadsheet for the center, and the part of a name by which others are known.
CENTER_COLUMN = "_which_is_the_nearest_tofa_center_to_you?"
NEAREST = "nearest_tofa"
# By these tiers, a column for the center is the one that the API's contract names.
CONTRACT_TIERS = 2
# Only the country or area code of a phone. The next tier has no names: it is a column of the
# address that names the country, and so the region of a phone without a code.
PHONE_CODE, PHONE_COUNTRY = 5, 6
# From this tier on, a column has only a part of an address; from the next, none of its place.
ADDRESS_PARTS, ADDRESS_REGIONS = 2, 9
COUNTRY = ("address", ADDRESS_REGIONS)

_NAMES: dict[str, tuple[str, ...]] = {
    "created_time": (
        "created_time",
        "timestamp, marca temporal, carimbo de data/hora, horodateur, zeitstempel,"
        "stempel waktu, टाइमस्टैम्प, created, created at, created on, created date,"
        "create date, creation date, date created, date added, added on, added at,"
        "lead created time, lead created on, lead created at, lead date, date of lead,"
        "lead generated on, lead generated date, submitted at, submitted on, submission date,"
        "submission time, submission timestamp, date submitted, submit time, lead submit time,"
        "create time,"
        "submitted time, time submitted, registered on, registered at, date of registration,"
        "client since,"
        "received date, received time, lead received date, inquiry dt, inquiry time,"
        "form filled on,"
        "enquiry date, date of enquiry,"
        "enquiry time, inquiry date, date of inquiry, enquired on, received at, received on,"
        "date received, lead received on, registration date, entry date, date and time,"
        "date time, lead time, created datetime, created timestamp, दिनांक, तारीख,"
        "पूछताछ की तारीख, तिथि, తేదీ, విచారణ తేదీ, నమోదు తేదీ, தேதி, ದಿನಾಂಕ, തീയതി, তারিখ, તારીખ,"
        "मिति, التاريخ, تاريخ التسجيل, query time, lead submission time, submit date,"
        "submit date utc, completion time, enquiry dt, enq date, enq dt, posted on, posted at,"
        "posted date, lead posted on, tareekh, tarikh, تاریخ, ਤਾਰੀਖ਼",
        "date, fecha, datum",
    ),
    "player_name": (
        "player_name, player, players name, name of player, name of the player,"
        "player full name, child name, childs name, child full name, childs full name,"
        "name of child, name of the child, name of your child, kid name, kids name,"
        "name of kid, name of your kid, student name, students name, student full name,"
        "name of student, name of the student, student, child, ward name, wards name,"
        "name of ward, kid, trainee, trainee name, name of trainee,"
        "participant name, name of participant,"
        "son/daughter name, son or daughter name, athlete name, athletes name, kids full name,"
        "child 1 name, child 1, kid 1 name, player 1 name, student 1 name, first child name,"
        "1st child name, name of child 1,"
        "बच्चा नाम, छात्र नाम, खिलाड़ी नाम, విద్యార్థి నామం, ఆటగాడు పేరు,"
        "खिलाड़ी का नाम, बच्चे का नाम, बच्चे का पूरा नाम, छात्र का नाम, विद्यार्थी का नाम,"
        "मुलाचे नाव, विद्यार्थ्याचे नाव, विद्यार्थीको नाम, बच्चाको नाम, खेलाडीको नाम,"
        "اسم الطفل, اسم اللاعب, اسم الطالب, ಮಗುವಿನ ಹೆಸರು, ವಿದ್ಯಾರ್ಥಿ ಹೆಸರು, കുട്ടിയുടെ പേര്,"
        "শিশুর নাম, બાળકનું નામ, bachche ka naam, bacche ka naam,"
        "ఆటగాడి పేరు, ప్లేయర్ పేరు, పిల్లల పేరు, పిల్లవాడి పేరు, బిడ్డ పేరు, విద్యార్థి పేరు,"
        "குழந்தையின் பெயர், மாணவர் பெயர், nombre del jugador, nombre del niño, nome do jogador,"
        "nome da criança, nom du joueur, nom de l'enfant, name des kindes, nama anak,"
        "nama pemain",
        "full_name, पूरा नाम, పూర్తి పేరు, முழு பெயர், ಪೂರ್ಣ ಹೆಸರು, പൂർണ്ണ നാമം, पूर्ण नाव,"
        "সম্পূর্ণ নাম, পুরো নাম, પૂરું નામ, nombre completo, nombre y apellido,"
        "nombre y apellidos, nome completo, nom complet, nom et prénom, vollständiger name,"
        "vor und nachname, الاسم الكامل, الاسم بالكامل, nama lengkap, volledige naam,"
        "imię i nazwisko, полное имя, họ và tên, ชื่อ นามสกุล, fullständigt namn,"
        "nome e cognome, 姓名, 氏名, 성명",
        "name, lead name, contact name, customer name, client name, prospect name,"
        "sender name, candidate, enquirer name, applicant name,"
        "candidate name, person name, display name, नाम, పేరు,"
        "பெயர், ಹೆಸರು, പേര്, नाव, নাম, નામ, nombre, nome, nama, الاسم, naam, نام, ਨਾਮ,"
        "profile name",
    ),
    "first_name": (
        "player first name, players first name, child first name, childs first name,"
        "kid first name, student first name, students first name, child forename,"
        "childs forename, player forename, student forename",
        "first_name, name_first, forename, given name, fname, पहला नाम, प्रथम नाम, మొదటి పేరు,"
        "முதல் பெயர்,"
        "primer nombre, nombre de pila, primeiro nome, nome próprio, prénom, vorname,"
        "الاسم الأول, nama depan, voornaam",
    ),
    "middle_name": (
        "player middle name, child middle name, student middle name",
        "middle_name, मध्य नाम, segundo nombre, nome do meio, deuxième prénom, zweiter vorname,"
        "الاسم الأوسط, nama tengah",
    ),
    "last_name": (
        "player last name, players last name, child last name, childs last name, kid last name,"
        "student last name, students last name, child surname, childs surname, player surname,"
        "students surname, student surname",
        "last_name, name_last, surname, family name, lname, अंतिम नाम, उपनाम, कुलनाम, सरनेम,"
        "ఇంటి పేరు,"
        "చివరి పేరు, கடைசி பெயர், apellido, apellidos, sobrenome, apelido, último nome,"
        "nom de famille, nom, nachname, familienname, اسم العائلة, الاسم الأخير, nama belakang,"
        "achternaam",
    ),
    "player_age_category": (
        "player_age_category",
        "age_category, age category of player, age group, age groups, age group of player,"
        "batch category, player category, players age category, childs age category,"
        "childs age group, age category of child, आयु वर्ग, వయస్సు వర్గం, వయో వర్గం,"
        "categoría de edad, grupo de edad, faixa etária, tranche d'âge, altersgruppe,"
        "الفئة العمرية, kelompok usia",
        "age, player age, players age, child age, childs age, kid age, kids age, age of child,"
        "age of your child, age of the child, age of player, student age, students age,"
        "age of student, age in years, age years, उम्र, आयु, बच्चे की उम्र, బిడ్డ వయస్సు,"
        "వయస్సు, వయసు, वय, उमेर, ವಯಸ್ಸು, പ്രായം, বয়স, ઉંમર, umar, umr, age yrs, age in yrs,"
        "పిల్లల వయస్సు, குழந்தையின் வயது, मुलाचे वय,"
        "how old is your child, how old is the child, how old is your kid, பிள்ளை வயது, வயது,"
        "edad, idade, alter, العمر, usia, umur, عمر, ਉਮਰ, child 1 age, kid 1 age, player 1 age,"
        "student 1 age, first child age",
    ),
    "birth_date": (
        "birth_date, mx_date_of_birth, date_of_birth, dob, birthday, date of birth dob,"
        "player dob, players dob, child dob, childs dob, kid dob, student dob,"
        "players date of birth, childs date of birth, date of birth of child,"
        "date of birth of player, date of birth of the child, student date of birth,"
        "players birth date, childs birth date, child birth date, players birthday,"
        "childs birthday, जन्म तिथि, जन्म दिनांक, जन्म तारीख, जन्मदिन,"
        "పుట్టిన తేదీ, పుట్టిన రోజు, జనన తేదీ, பிறந்த தேதி, fecha de nacimiento,"
        "data de nascimento, date de naissance, geburtsdatum, تاريخ الميلاد, tanggal lahir,"
        "geboortedatum",
    ),
    "center": (
        CENTER_COLUMN,
        NEAREST,
        "nearest_center, nearest_centre, center, centre, center name, centre name, branch,"
        "branch name, preferred center, preferred centre, preferred branch, preferred location,"
        "training center, training centre, academy center, academy centre, academy location,"
        "academy branch, center location, centre location, select center, select centre,"
        "choose center, choose your center, select your center, your nearest center,"
        "your nearest centre, nearest branch, nearest academy, nearest location, tofa center,"
        "tofa centre, which center, which centre, campus, preferred campus, preferred academy,"
        "choose a location, choose location, choose your location, select location,"
        "select a location, select your location, which location, training location, सेंटर का नाम,"
        "سینٹر, مرکز, ਸੈਂਟਰ, केंद्र, सेंटर, शाखा, नज़दीकी केंद्र,"
        "केन्द्र, नज़दीकी सेंटर, निकटतम सेंटर, மையம், கிளை, ಕೇಂದ್ರ, ಶಾಖೆ, കേന്ദ്രം, কেন্দ্র,"
        "શાખા, mx_center,"
        "निकटतम केंद्र, సెంటర్, కేంద్రం, దగ్గరి కేంద్రం, సమీప కేంద్రం, శాఖ, centro,"
        "centro más cercano, sucursal, sede, unidade, centre le plus proche, standort, المركز,"
        "الفرع, cabang, pusat",
        "ground, training ground, venue",
    ),
    "leadgen_id": (
        "leadgen_id, meta_lead_id, meta leadgen id, facebook lead id, fb lead id,"
        "fb_leadgen_id, facebook leadgen id",
        "id",
    ),
    "campaign": (
        "campaign, campaigns, utm_campaign, campaign title, ad campaign, lead campaign,"
        "source campaign, marketing campaign, campaign source, अभियान, कैंपेन, ప్రచారం,"
        "క్యాంపెయిన్, campaña, campanha, campagne, kampagne, الحملة, kampanye",
    ),
}


def _tiers() -> dict[str, tuple[str, int]]:
    found: dict[str, tuple[str, int]] = {}
    for field, tiers in (_NAMES | contact_synonyms.NAMES | work_synonyms.NAMES).items():
        for tier, names in enumerate(tiers):
            for name in names.split(","):
                found.setdefault(fold(name), (field, tier))
    return found


# By folded name: the field and its tier.
SYNONYMS: Mapping[str, tuple[str, int]] = MappingProxyType(_tiers())


_NEAREST = fold(NEAREST)


def known(name: str) -> tuple[str, int] | None:
    """Return the field that a name certainly stands for, and its tier; None for any other."""
    folded = fold(name)
    nearest = ("center", 1) if _NEAREST in folded else None
    return SYNONYMS.get(folded) or nearest or _of_a_person(name) or _asked(name)


def _of_a_person(name: str) -> tuple[str, int] | None:
    """Return the field of a phone or an email of a person, or of several: `Mother's mobile`."""
    rest, least = possessives.without(name)
    field, tier = SYNONYMS.get(rest, ("", 0)) if least else ("", 0)
    return (field, max(tier, least)) if field in possessives.FIELDS else None


@cached_if_short(maxsize=8192)
def _asked(question: str) -> tuple[str, int] | None:
    """Return the field that a question in a sentence asks for: `What is your child's name?`."""
    told = (SYNONYMS.get(fold(one)) or _of_a_person(one) for one in sentences.names_in(question))
    if (found := next(filter(None, told), None)) is not None:
        return found if sentences.may_ask_for(found) else None
    if sentences.asks_for_childs_name(question):
        return ("player_name", 0)
    return ("center", CONTRACT_TIERS) if sentences.asks_for_center(question) else None


def places(names: Sequence[str], field: str) -> list[int]:
    """Return the places of the columns that certainly stand for a field, the first to believe."""
    found = ((known(name), at) for at, name in enumerate(names))
    return [at for _, at in sorted((one[1], at) for one, at in found if one and one[0] == field)]


def tier(name: str, field: str) -> int:
    """Return how much a column of a field is believed: 0 is the most."""
    found = known(name)
    return found[1] if found is not None and found[0] == field else 0
