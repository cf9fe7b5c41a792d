"""The names of the fields for how a family is reached, and where they live: phone, email, address.

By tiers, as in `synonyms`.
"""

NAMES: dict[str, tuple[str, ...]] = {
    "phone": (
        "phone",
        "phone_number",
        "cont no, cont number, cntct no, contct no, call no, calling no, primary number,"
        "registered number, contact nos, phone nos, mobile nos, mob nos, cell nos, m no,"
        "registered mobile, registered mobile number, registered mobile no, client no,"
        "client number,"
        "client mobile, client phone, lead mobile, lead mobile number, lead phone number,"
        "caller id,"
        "caller id number, customer phone number, customer mobile number, phones,"
        "phone numbers, mobiles, mobile numbers, contact numbers, user phone, user mobile,"
        "sender mobile, sender phone, customer number, customer mobile, wa id, caller number,"
        "caller no, caller mobile, caller phone, call from,"
        "text_reminder_number, channel_phone_number, phonenumber_countrycode, सम्पर्क नम्बर,"
        "phone no, mobile, mobile_number, mobile no, mobile phone, mobile phone number,"
        "mobile num, cell, cell phone, cell number, telephone, telephone number, telephone no,"
        "tel, tel no, contact, contact number, contact no, contact num, contact phone,"
        "contact mobile, contact details, call number, calling number, ph, ph no, ph number,"
        "mob, mob no, primary phone, primary phone number, primary mobile, primary contact,"
        "primary contact number, lead phone, customer phone, parent phone, parents phone,"
        "parent phone number, parents phone number, parent mobile, parents mobile,"
        "parent mobile number, parent contact, parent contact number, parents contact number,"
        "phone number with country code, phone/whatsapp, phone/whatsapp number,"
        "mobile/whatsapp number, mobile/whatsapp, फ़ोन, फ़ोन नंबर, मोबाइल, मोबाइल नंबर,"
        "मोबाइल नम्बर, मोबाइल न., संपर्क नंबर, सम्पर्क नंबर, दूरभाष, फोन नं, मोबाइल नं, ఫోన్,"
        "ఫోన్ నంబర్, ఫోన్ నెంబర్, మొబైల్, మొబైల్ నంబర్, మొబైల్ నెంబర్, సంప్రదింపు నంబర్,"
        "தொலைபேசி எண், மொபைல் எண், கைபேசி எண், ಫೋನ್ ಸಂಖ್ಯೆ, ಮೊಬೈಲ್ ಸಂಖ್ಯೆ, ഫോൺ നമ്പർ,"
        "फोन क्रमांक, मोबाईल नंबर, ফোন নম্বর, মোবাইল নম্বর, ફોન નંબર, મોબાઇલ નંબર,"
        "número de teléfono, teléfono, celular, número de celular, teléfono móvil, móvil,"
        "número de telefone, telefone, telemóvel, numéro de téléphone, portable, telefonnummer,"
        "telefon, handynummer, mobilnummer, رقم الهاتف, الهاتف, رقم الجوال, رقم الموبايل,"
        "nomor telepon, no telepon, telepon, nomor hp, no hp, telefoonnummer,"
        "numero di telefono, номер телефона, numer telefonu, số điện thoại, หมายเลขโทรศัพท์,"
        "電話番号, 电话号码, தொலைபேசி, மொபைல், கைபேசி, அலைபேசி, ಫೋನ್, ಮೊಬೈಲ್, ದೂರವಾಣಿ, ഫോൺ, മൊബൈൽ,"
        "ফোন, মোবাইল, ફોન, મોબાઇલ, मोबाईल, मोबाईल क्र, मोबाईल क्रमांक, दूरध्वनी, मोबाइल क्रमांक,"
        "फोन, ਫੋਨ, ਫੋਨ ਨੰਬਰ, ਮੋਬਾਈਲ, ਮੋਬਾਈਲ ਨੰਬਰ, فون, فون نمبر, موبائل, موبائل نمبر, الجوال,"
        "handy, mobil, mobiltelefon, móviles, telefoon",
        "whatsapp_number, whatsapp, whatsapp no, whatsapp contact, whatsapp mobile number,"
        "whatsapp phone,"
        "wa, whatsup no, whatsup number, whatsup, watsapp no, watsapp number, watsapp, whatsap no,"
        "whatsap number, whatsapp nr, wa number, wa no, whatsapp num, वॉट्सऐप नंबर,"
        "व्हाट्सएप नंबर, व्हाट्सऐप नंबर,"
        "व्हाट्सप्प नंबर, వాట్సాప్ నంబర్, వాట్సాప్ నెంబర్, வாட்ஸ்அப் எண், número de whatsapp,"
        "numéro whatsapp, whatsapp nummer, رقم الواتساب, رقم واتساب, nomor whatsapp, no wa",
        "work_phone_number, work phone, home phone, home phone number, business phone,"
        "secondary phone number, secondary phone, secondary mobile, secondary number,"
        "secondary contact, secondary contact number, alternate phone, alternate phone number,"
        "alternate mobile, alternate mobile number, alternate number, alternate contact,"
        "alternate contact number, alternative number, alternative phone,"
        "alternative phone number, alternative mobile number, alt phone, alt mobile,"
        "alt number, alt contact, alt no, alternate no, alternative no, alternate mobile no,"
        "alternate phone no, secondary no, other no, second number, father no, fathers no,"
        "father number, fathers number, mother no, mothers no, mother number, mothers number,"
        "parent no, parents no, parent number, parents number, guardian number,"
        "other phone, other phone number, other mobile, sender mobile alt, sender phone alt,"
        "mob no 1, mob no 2, mobile no 1, mobile no 2, phone no 1, phone no 2, contact no 1,"
        "contact no 2, phone 1 value, phone 2 value, phone 3 value,"
        "other number, phone 2, mobile 2, phone number 2, mobile number 2, contact 2,"
        "contact number 2, phone 1, mobile 1, phone number 1, mobile number 1,"
        "contact number 1, second phone, father phone, fathers phone, father mobile,"
        "fathers mobile, father mobile number, fathers mobile number, father contact,"
        "father contact number, fathers contact number, father phone number,"
        "fathers phone number, mother phone, mothers phone, mother mobile, mothers mobile,"
        "mother mobile number, mothers mobile number, mother contact, mother contact number,"
        "mothers contact number, mother phone number, mothers phone number, guardian phone,"
        "guardian mobile, guardian contact number, emergency contact number, emergency number,"
        "emergency phone, landline, landline no, landline number, res phone, res no,"
        "वैकल्पिक नंबर, पिता का मोबाइल नंबर, माता का मोबाइल नंबर,"
        "ప్రత్యామ్నాయ నంబర్",
        "country code, phonenumber_countrycodeval, country iso code, iso country code,"
        "country iso, phone country,"
        "phone country code, mobile country code, country calling code, isd code,"
        "whatsapp country code, dial code, dialing code, dialling code, calling code, isd,"
        "phone code, mobile code, country phone code, country dial code, std code, std, area code,"
        "phone area code, city code, std/isd code, एसटीडी कोड, देश कोड, देश का कोड, కంట్రీ కోడ్,"
        "దేశ కోడ్, código de país, código do país, indicatif, ländervorwahl, vorwahl, ddi, ddd",
    ),
    "email": (
        "email",
        "email_address",
        "emails, user email, sender email, email 1 value, e-mail 1 value, email id, mail,"
        "mail id, mail address, primary email, personal email,"
        "contact email, parent email, parents email, parent email id, parent email address,"
        "parents email address, email addresses, ईमेल, ईमेल पता, ईमेल आईडी, ईमेल एड्रेस,"
        "ఈమెయిల్, ఇమెయిల్, ఇమెయిల్ చిరునామా, ఈమెయిల్ ఐడి, மின்னஞ்சல், மின்னஞ்சல் முகவரி, ಇಮೇಲ್,"
        "ഇമെയിൽ, ইমেল, ઇમેઇલ, correo, correo electrónico, dirección de correo electrónico,"
        "endereço de email, adresse e-mail, adresse mail, adresse électronique, courriel,"
        "e-mail-adresse, البريد الإلكتروني, alamat email, surel, e-posta, e-mailadres,"
        "indirizzo e-mail, электронная почта",
        "work_email, business email, secondary email, alternate email, alternate email id,"
        "alternate email address, other email, father email, fathers email, mother email,"
        "mothers email, email 2, second email",
    ),
    "address": (
        "address_and_pincode, address with pincode, address pincode",
        "address, sender address, address 1 formatted, ठेगाना, pata, full address,"
        "complete address, home address, residential address,"
        "residence address, postal address, mailing address, permanent address,"
        "current address, address of residence, address_line, address details, पता, पूरा पता,"
        "घर का पता, చిరునామా, ఇంటి చిరునామా, అడ్రస్, முகவரி, ವಿಳಾಸ, വിലാസം, पत्ता, ঠিকানা,"
        "સરનામું, dirección, direccion completa, endereço, endereço completo, morada, adresse,"
        "adresse complète, anschrift, العنوان, alamat, alamat lengkap, adres, indirizzo, адрес",
        "street_address, street, street 1, address 1, address line 1, house no, mx_street1,"
        "mailing street, home street, flat no, house number, गली का पता, dirección de la calle,"
        "calle, rua, address street address,"
        "rue, straße, hausnummer und straße, straße und hausnummer, alamat jalan",
        "mx_street2, address 2, address line 2, street 2, landmark, address line 3, address 3,"
        "address address line 2",
        "locality, area, colony, neighborhood, neighbourhood, residential area, residence area,"
        "area of residence, मोहल्ला, इलाका, ప్రాంతం, barrio, bairro, kecamatan",
        "city, address city, mx_city, sender city, home city, town, mailing city, village, शहर,"
        "नगर, గ్రామం,"
        "నగరం, ఊరు, பட்டணம்,"
        "நகரம், ciudad, cidade, ville, stadt, ort, المدينة, kota, città, city/town",
        "district, जिला, జిల్లా",
        "state, address state, address state/province, mx_state, sender state, home state,"
        "province, region, mailing state,"
        "state/province, state/region, राज्य,"
        "प्रांत, రాష్ట్రం, மாநிலம், estado, provincia, état, bundesland, الولاية, المحافظة,"
        "provinsi",
        "zip, address zip, address zip/postal code, mx_zip, sender pincode, home postal code,"
        "post_code, zip_code, zip/postal code,"
        "postal_code, pin, pin code, pin no,"
        "mailing zip, area pin code, पिन, पिन कोड, पिन कोड नंबर, పిన్ కోడ్, அஞ்சல் குறியீடு,"
        "código postal, cep, code postal, postleitzahl, plz, الرمز البريدي, kode pos",
        "country, address country, mx_country, mailing country, country/region, country name,"
        "country of residence,"
        "residence country, home country, current country, your country, which country,"
        "billing country, shipping country, देश, देश का नाम, దేశం పేరు, దేశం, நாடு, país, pays,"
        "land, البلد, الدولة, negara",
    ),
}
