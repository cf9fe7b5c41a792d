"""What forms, spreadsheets and other tools call the fields of a lead."""

from collections.abc import Mapping

import pytest

from backend.core.imports.columns import ORIGIN, REASON_COLUMN
from backend.core.vocabulary import synonyms
from backend.core.vocabulary.synonyms import FIELDS, known

# The header of each producer, with the field of each column: None for what is an answer.
HEADERS: Mapping[str, Mapping[str, str | None]] = {
    "Meta's standard questions": {
        "FULL_NAME": "player_name", "FIRST_NAME": "first_name", "LAST_NAME": "last_name",
        "EMAIL": "email", "WORK_EMAIL": "email", "PHONE": "phone", "phone_number": "phone",
        "WORK_PHONE_NUMBER": "phone", "WHATSAPP_NUMBER": "phone", "STREET_ADDRESS": "address",
        "CITY": "address", "STATE": "address", "PROVINCE": "address", "ZIP": "address",
        "ZIP_CODE": "address", "POST_CODE": "address", "COUNTRY": "address", "DOB": "birth_date",
        "DATE_OF_BIRTH": "birth_date", "GENDER": None, "MARITAL_STATUS": None, "JOB_TITLE": None,
        "COMPANY_NAME": None, "MILITARY_STATUS": None, "RELATIONSHIP_STATUS": None,
    },
    "Meta's labels": {
        "पूरा नाम": "player_name", "फ़ोन नंबर": "phone", "ईमेल": "email",
        "పూర్తి పేరు": "player_name", "ఫోన్ నంబర్": "phone", "ఇమెయిల్": "email",
        "முழு பெயர்": "player_name", "தொலைபேசி எண்": "phone", "மின்னஞ்சல்": "email",
        "nombre_completo": "player_name", "número_de_teléfono": "phone",
        "correo_electrónico": "email", "nome_completo": "player_name", "telefone": "phone",
        "nom_complet": "player_name", "numéro_de_téléphone": "phone", "adresse_e-mail": "email",
        "vollständiger_name": "player_name", "telefonnummer": "phone", "e-mail-adresse": "email",
        "الاسم_الكامل": "player_name", "رقم_الهاتف": "phone", "البريد_الإلكتروني": "email",
        "nama_lengkap": "player_name", "nomor_telepon": "phone", "alamat email": "email",
    },
    "Ads Manager": {
        "id": "leadgen_id", "created_time": "created_time", "full_name": "player_name",
        "phone_number": "phone", "email": "email", "lead_status": "status", "inbox_url": None,
        "_which_is_the_nearest_tofa_center_to_you?": "center",
        "which_is_the_nearest_tofa_center": "center", "player_age_category": "player_age_category",
        "address_and_pincode": "address",
    },
    "Leads Center": {
        "Created": "created_time", "Name": "player_name", "Email": "email", "Source": "source",
        "Form": None, "Channel": None, "Stage": "status", "Owner": "owner", "Labels": None,
        "Phone": "phone", "Secondary phone number": "phone", "WhatsApp number": "phone",
    },
    "Google Forms": {
        "Timestamp": "created_time", "Email Address": "email", "Child's Name": "player_name",
        "Child's Date of Birth": "birth_date", "Parent's Phone Number": "phone",
        "WhatsApp Number *": "phone", "Age Group": "player_age_category", "Address:": "address",
        "Marca temporal": "created_time", "Horodateur": "created_time",
    },
    "HubSpot": {
        "Record ID": None, "First Name": "first_name", "Last Name": "last_name", "Email": "email",
        "Phone Number": "phone", "Mobile Phone Number": "phone", "Contact owner": "owner",
        "Lead Status": "status", "Lifecycle Stage": "status", "Create Date": "created_time",
        "Street Address": "address", "City": "address", "State/Region": "address",
        "Postal Code": "address", "Country/Region": "address", "Original Source": "source",
        "hs_lead_status": "status", "hubspot_owner_id": "owner",
    },
    "Zoho": {
        "Record Id": None, "Lead Owner": "owner", "First Name": "first_name", "Street": "address",
        "Last Name": "last_name", "Phone": "phone", "Mobile": "phone", "Lead Source": "source",
        "Lead Status": "status", "Created Time": "created_time", "Description": "comment",
        "Secondary Email": "email", "Zip Code": "address", "Modified Time": None, "Company": None,
    },
    "LeadSquared": {
        "ProspectID": None, "FirstName": "first_name", "LastName": "last_name",
        "EmailAddress": "email", "Phone": "phone", "ProspectStage": "status", "Source": "source",
        "OwnerIdName": "owner", "CreatedOn": "created_time", "Notes": "comment",
        "mx_Street1": "address", "mx_City": "address", "mx_Zip": "address", "Lead Stage": "status",
        "mx_Date_Of_Birth": "birth_date", "Lead Number": None,
    },
    "TeleCRM": {
        "Name": "player_name", "Phone": "phone", "Alternate Phone": "phone", "Status": "status",
        "Lost Reason": "lost_reason", "Assignee": "owner", "Created On": "created_time",
        "Source": "source", "Campaign": "campaign", "Note": "comment", "Callback Date":
        "next_followup_date", "Last Disposition": "status",
    },
    "sheets in English": {
        "Student Name": "player_name", "Mobile No.": "phone", "Contact No": "phone",
        "E-mail ID": "email", "DOB": "birth_date", "Remarks": "comment", "Feedback": "comment",
        "Next follow-up date": "next_followup_date", "Follow Up Date": "next_followup_date",
        "Enquiry Date": "created_time", "Branch": "center", "Preferred Centre": "center",
        "Reason for not joining": "lost_reason", "Assigned To": "owner", "Pin Code": "address",
        "Father's Name": None, "Parent Name": None, "School": None, "Sl. No.": None,
        "Fee": None, "Coach": None, "Gender": None,
    },
    "sheets in Hindi": {
        "बच्चे का नाम": "player_name", "मोबाइल नंबर": "phone", "मोबाईल नंबर": "phone",
        "जन्म तिथि": "birth_date", "उम्र": "player_age_category", "पता": "address",
        "पिन कोड": "address", "केंद्र": "center", "स्थिति": "status", "टिप्पणी": "comment",
        "दिनांक": "created_time", "ईमेल आईडी": "email", "पिता का नाम": None,
        "व्हाट्सएप नंबर": "phone", "अगली कॉल": "next_followup_date",
    },
    "sheets in Telugu": {
        "పేరు": "player_name", "పిల్లల పేరు": "player_name", "మొబైల్ నంబర్": "phone",
        "పుట్టిన తేదీ": "birth_date", "వయస్సు": "player_age_category", "చిరునామా": "address",
        "పిన్ కోడ్": "address", "సెంటర్": "center", "స్థితి": "status", "వ్యాఖ్యలు": "comment",
        "తేదీ": "created_time", "ఈమెయిల్": "email", "వాట్సాప్ నంబర్": "phone",
    },
    "sheets in other languages": {
        "தொலைபேசி": "phone", "मोबाईल क्र.": "phone", "ಮೊಬೈಲ್": "phone", "മൊബൈൽ": "phone",
        "মোবাইল": "phone", "મોબાઇલ": "phone", "ਮੋਬਾਈਲ": "phone", "موبائل نمبر": "phone",
        "Handy": "phone", "نام": "player_name", "ਨਾਮ": "player_name", "عمر": "player_age_category",
        "سینٹر": "center", "Tareekh": "created_time", "Fecha": "created_time",
        "Datum": "created_time",
    },
    "call logs and chats": {
        "CallFrom": "phone", "Caller Number": "phone", "whatsapp_phone": "phone",
        "UserMobile": "phone", "Caller Name": "owner", "CallTo": None, "Posted On": "created_time",
    },
    "several children": {
        "child_1_name": "player_name", "Child 1 Age": "player_age_category", "Child 2 Name": None,
    },
    "Gravity Forms": {
        "Name (First)": "first_name", "Address (Street Address)": "address",
        "Address (City)": "address", "Address (ZIP / Postal Code)": "address",
    },
    "Wix": {"Choose a location": "center", "Location": None, "Campus": "center"},
    "the flat form": {
        "phone_number": "phone", "full_name": "player_name", "email_address": "email",
        "nearest_center": "center", "player_age_category": "player_age_category",
        "address_and_pincode": "address",
    },
    "front desks": {
        "Cont. No.": "phone", "Ph 1": "phone", "Ph.No.2": "phone", "Contact 1": "phone",
        "Phone 3": "phone", "Email 3": "email", "Whatsup No": "phone", "WA": "phone",
        "Registered Mobile No.": "phone", "Landline No": "phone", "Kid": "player_name",
        "Inquiry Dt": "created_time", "Submit Time": "created_time", "Std": "phone",
        "Our WhatsApp no": None, "Class 5": None, "Child 2": None, "Call Duration": None,
        "Batch": None,
    },
    "Google Ads": {
        "lead_submit_time": "created_time", "GCLID": None, "Lead form ID": None,
        "FULL_NAME": "player_name", "User Phone": "phone", "Postal code": "address",
    },
    "Salesforce": {
        "Lead ID": None, "Lead Status": "status", "Lead Owner": "owner", "Create Date":
        "created_time", "Company / Account": None, "Unread By Owner": None,
    },
    "questions in sentences": {
        "What is your child's name?": "player_name", "what_is_your_child's_age?":
        "player_age_category", "1. Child's Name": "player_name", "Q4. Mobile no.": "phone",
        "3.1 Phone": "phone", "Please enter your phone number": "phone",
        "What's your WhatsApp number?": "phone", "What is your mother's phone number?": "phone",
        "Date of birth of your son": "birth_date", "Age (in years)": "player_age_category",
        "DOB (DD/MM/YYYY)": "birth_date",
        "Child name (as per school records)": "player_name", "Your son/daughter's name":
        "player_name", "Mobile (Alternate)": "phone", "Phone (Father)": "phone",
        "Which TOFA center is near to you?": "center", "select_your_preferred_location": "center",
        "Which branch would you like to join?": "center", "What is your full address?": "address",
        "आपके_बच्चे_की_उम्र_क्या_है?": "player_age_category", "आपके_बच्चे_का_नाम_क्या_है?":
        "player_name", "निकटतम_tofa_सेंटर": "center", "మీ_పిల్లల_పేరు_ఏమిటి?": "player_name",
        "మీ_పిల్లల_వయస్సు_ఎంత?": "player_age_category", "உங்கள் குழந்தையின் பெயர் என்ன?":
        "player_name", "तुमच्या मुलाचे नाव काय आहे?": "player_name",
        "name_of_the_kid_who_wants_to_join": "player_name", "Name of your lovely child":
        "player_name", "Child (player) full name please": "player_name",
        # About someone or something else, or no question for a field
        "Name of your child's school": None, "Player's name & age": None, "Kid's nick name": None,
        "Name on the player's jersey": None, "How many children's names?": None,
        "Name of the child's father": None, "Your favourite player's name": None,
        "What is your father's name?": None, "Name (Parent)": None, "Name (Father)": None,
        "Child 2 Name": None, "2 child name": None, "Name of the second child": None,
        "What is your school's name?": None, "Is your child a student?": None,
        "May we contact you?": None, "What's the best time to reach you?": None,
        "Select a date": None, "What is your status?": None, "Choose your area": None,
        "Do you live near our center?": None, "Preferred center timings": None,
        "Is our center near you?": None, "Which center did you visit?": None,
        "Second preferred center": None,
        "Any other center nearby?": None, "How did you hear about our nearest branch?": None,
        "Your child's T-shirt size": None, "Class of your child": None,
    },
    "whose it is": {
        "Parent's mobile number": "phone", "Your WhatsApp number": "phone", "Mom's cell": "phone",
        "Father's Whatsapp No.": "phone", "Kid's email": "email", "Parent / Guardian e-mail id":
        "email", "Mother's name": None, "Father's occupation": None, "Parent's school": None,
        "Your phone model": None, "Your": None,
    },
    "pandas and other programs": {
        "phone.1": "phone", "Phone 2": "phone", "mobile_number": "phone", "childName":
        "player_name", "dateOfBirth": "birth_date", "emailId": "email", "utm_campaign": "campaign",
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("producer", "name", "field"),
    [(producer, *one) for producer, header in HEADERS.items() for one in header.items()],
)
def test_the_header_of_a_producer(producer: str, name: str, field: str | None) -> None:
    found = known(name)
    assert (found and found[0]) == field, producer


def test_every_field_has_names_and_every_name_a_field() -> None:
    assert {field for field, _ in synonyms.SYNONYMS.values()} == {*FIELDS}
    assert all(synonyms.SYNONYMS)
    for field in FIELDS:
        assert known(field) is not None, field


def test_what_is_of_an_ad_or_our_own_is_no_field() -> None:
    assert [name for name in (*ORIGIN, REASON_COLUMN) if known(name)] == []


def test_a_child_s_own_name_comes_first() -> None:
    order = ["Child's name", "full_name", "Name"]
    assert [synonyms.tier(name, "player_name") for name in order] == [0, 1, 2]
    assert synonyms.tier("anything", "player_name") == 0
