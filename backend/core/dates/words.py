"""The names of months and weekdays in the languages of Meta's forms, folded.

From Unicode CLDR 48, in full and abbreviated, with and without accents. A name that stands for
different months in two languages, such as "listopad", is in none.
"""

# ruff: noqa: RUF001  names in other scripts

_MONTHS = (
    """
    ene enero gen gener gennaio ian ianuarie jaan jaanuar jan janar janeiro januar januara januari
    january janv janvaris janvier led leden ledna oca ocak saus sausio sausis sij sijecanj sijecnja
    sty styczen stycznia tammi tammikuu tammikuuta yan yanvar január januára janvāris siječanj
    siječnja styczeń ιαν ιανουάριοσ ιανουαρίου січ січень січня янв январь января яну януари јан
    јануар јануари ינואר ינו׳ جنوری يناير ژانویه जनवरी जन॰ जाने जानेवारी জানু জানুয়ারি ਜਨ ਜਨਵਰੀ
    જાન્યુ જાન્યુઆરી ଜାନୁଆରୀ ஜன ஜனவரி జన జనవరి ಜನ ಜನವರಿ ജനു ജനുവരി มกราคม มค იან იანვარი
    """,
    """
    feb febbraio febr febrer febrero februar februara februari februarie februaris february fev
    fevereiro fevr fevral fevrier helmi helmikuu helmikuuta lut lutego luty peb pebrero shk shkurt
    sub subat uno unor unora vas vasario vasaris veebr veebruar velj veljaca veljace február
    februára februāris févr février veljača veljače úno únor února şub şubat φεβ φεβρουάριοσ
    φεβρουαρίου лют лютий лютого феб фебруар фев февр февраль февраля февруари פברואר פבר׳ فبراير
    فروری فوریه फरवरी फर॰ फेब्रु फेब्रुअरी फेब्रुवारी ফেব ফেব্রুয়ারি ਫ਼ਰ ਫ਼ਰਵਰੀ ફેબ્રુ ફેબ્રુઆરી
    ଫେବୃଆରୀ பிப் பிப்ரவரி ఫిబ్ర ఫిబ్రవరి ಫೆಬ್ರ ಫೆಬ್ರವರಿ ഫെബ്രു ഫെബ്രുവരി กพ กุมภาพันธ์ თებ თებერვალი
    """,
    """
    bre brezen brezna kov kovas kovo maalis maaliskuu maaliskuuta maart mac machi mar marc marca
    march marcius marco marec maret mars marso mart martie marts marz marzec marzo mrt ozu ozujak
    ozujka bře březen března març março márc március mär märts märz ožu ožujak ožujka μάρ μάρτιοσ
    μαρ μαρτίου бер березень березня мар март марта מרץ مارس مارچ मार्च মার্চ ਮਾਰਚ માર્ચ ମାର୍ଚ୍ଚ
    மார் மார்ச் మార్చి ಮಾರ್ಚ್ മാർ മാർച്ച് มีค มีนาคม მარ მარტი
    """,
    """
    abr abril apr aprel april aprila aprile aprili aprilie aprilis aprill avr avril bal balandis
    balandzio dabr dabril dub duben dubna huhti huhtikuu huhtikuuta kwi kwiecien kwietnia nis nisan
    pri prill tra travanj travnja apríl apríla aprīlis balandžio kwiecień ápr április απρ απρίλιοσ
    απριλίου апр апрель апреля април квіт квітень квітня אפריל אפר׳ آوریل أبريل اپریل अप्रिल अप्रैल
    एप्रि एप्रिल এপ্রি এপ্রিল ਅਪ੍ਰੈ ਅਪ੍ਰੈਲ એપ્રિલ ଅପ୍ରେଲ ஏப் ஏப்ரல் అప్రిల్ ఏప్రి ఏప్రిల్ ಏಪ್ರಿ
    ಏಪ್ರಿಲ್ ഏപ്രി ഏപ്രിൽ เมย เมษายน აპრ აპრილი
    """,
    """
    geg geguze geguzes kve kveten kvetna mag maggio mai maig maijs maio maj maja majus may mayo mei
    svi svibanj svibnja touko toukokuu toukokuuta gegužė gegužės kvě květen května mayıs máj mája
    május μάι μάιοσ μαΐ μαΐου май мая мај трав травень травня מאי مئی مايو مه मई मे মে ਮਈ મે ମଇ மே
    మే ಮೇ മേയ് พค พฤษภาคม მაი მაისი
    """,
    """
    birz birzelio birzelis cerven cervna cvn cze czerwca czerwiec giu giugno haz haziran hun hunyo
    iun iunie iyn iyun juin jun juna june junho juni junij junijs junio junius juny juuni kesa
    kesakuu kesakuuta lipanj lipnja qer qershor birž birželio birželis jún júna június jūn jūnijs
    kesä kesäkuu kesäkuuta červen června čvn ιουν ιουνίου ιούν ιούνιοσ июн июнь июня черв червень
    червня юни јун јуни יוני جون يونيو ژوئن जुन जून জুন ਜੂਨ જૂન ଜୁନ ஜூன் జూన్ ಜೂನ್ ജൂൺ มิถุนายน มิย
    ივნ ივნისი
    """,
    """
    cervence cervenec cvc heina heinakuu heinakuuta hul hulyo iul iulie iyl iyul juil juillet jul
    jula julai julho juli julij julijs julio juliol julius july juuli korr korrik liep liepa liepos
    lipca lipiec lug luglio srpanj srpnja tem temmuz heinä heinäkuu heinäkuuta júl júla július jūl
    jūlijs července červenec čvc ιουλ ιουλίου ιούλ ιούλιοσ июл июль июля лип липень липня юли јул
    јули יולי جولائی يوليو ژوئیه जुलाई जुलै जुल॰ জুল জুলাই ਜੁਲਾ ਜੁਲਾਈ જુલાઈ ଜୁଲାଇ ஜூலை జులై జూలై
    ಜುಲೈ ജൂലൈ กค กรกฎาคม ივლ ივლისი
    """,
    """
    ag ago agost agosti agosto agu agustos agustus aout aug august augusta augusti augusts augustus
    augusztus avg avgust avq avqust dag dagost elo elokuu elokuuta gush gusht kol kolovoz kolovoza
    ogo ogos rugp rugpjucio rugpjutis sie sierpien sierpnia srpen srpna août ağu ağustos rugpjūtis
    rugpjūčio sierpień αυγ αυγούστου αύγ αύγουστοσ авг август августа серп серпень серпня אוגוסט
    אוג׳ أغسطس اوت اگست अगस्ट अगस्त अग॰ ऑग ऑगस्ट আগ আগস্ট ਅਗ ਅਗਸਤ ઑગસ્ટ ଅଗଷ୍ଟ ஆக ஆகஸ்ட் ఆగ ఆగష్టు
    ఆగస్టు ಆಗ ಆಗಸ್ಟ್ ഓഗ ഓഗസ്റ്റ് สค สิงหาคม აგვ აგვისტო
    """,
    """
    eyl eylul rugs rugsejis rugsejo ruj rujan rujna sen sentyabr sep sept septemba septembar
    september septembra septembre septembrie septembris septiembre set setembre setembro settembre
    setyembre sht shtator syys syyskuu syyskuuta szept szeptember wrz wrzesien wrzesnia zar zari
    eylül rugsėjis rugsėjo wrzesień września zář září σεπ σεπτέμβριοσ σεπτεμβρίου вер вересень
    вересня сент сентябрь сентября сеп септембар септември ספטמבר ספט׳ سبتمبر ستمبر سپتامبر सप्टें
    सप्टेंबर सितंबर सितम्बर सित॰ सेप्टेम्बर সেপ সেপ্ট সেপ্টেম্বর ਸਤੰ ਸਤੰਬਰ સપ્ટે સપ્ટેમ્બર
    ସେପ୍ଟେମ୍ବର செப் செப்டம்பர் సెప్టెం సెప్టెంబర్ ಸೆಪ್ಟೆಂ ಸೆಪ್ಟೆಂಬರ್ സെപ്റ്റം സെപ്റ്റംബർ กย กันยายน
    სექ სექტემბერი
    """,
    """
    doct doctubre eki ekim loka lokakuu lokakuuta oct october octobre octombrie octubre okt oktoba
    oktobar oktober oktobra oktobris oktoober oktubre oktyabr ott ottobre out outubro paz
    pazdziernik pazdziernika rij rijen rijna spal spalio spalis tet tetor október októbra paź
    październik października říj říjen října οκτ οκτωβρίου οκτώβριοσ жовт жовтень жовтня окт октобар
    октомври октябрь октября אוקטובר אוק׳ أكتوبر اکتبر اکتوبر अक्टूबर अक्टू॰ अक्टोबर अक्तूबर ऑक्टो
    ऑक्टोबर অক্টো অক্টোবর ਅਕਤੂ ਅਕਤੂਬਰ ઑક્ટો ઑક્ટોબર ଅକ୍ଟୋବର அக் அக்டோபர் అక్టో అక్టోబర్ ಅಕ್ಟೋ
    ಅಕ್ಟೋಬರ್ ഒക്ടോ ഒക്ടോബർ ตค ตุลาคม ოქტ ოქტომბერი
    """,
    """
    kas lapkr lapkricio lapkritis listopadu marras marraskuu marraskuuta nen nentor nob nobyembre
    noiembrie nov novemba novembar november novembra novembre novembris novembro noviembre noy
    noyabr stu studeni studenoga kasım lapkričio nën nëntor νοέ νοέμβριοσ νοε νοεμβρίου лист
    листопад листопада нов новембар ное ноември нояб ноябрь ноября נובמבר נוב׳ نوامبر نوفمبر نومبر
    नवंबर नवम्बर नव॰ नोभेम्बर नोव्हें नोव्हेंबर নভে নভেম্বর ਨਵੰ ਨਵੰਬਰ નવે નવેમ્બર ନଭେମ୍ବର நவ நவம்பர்
    నవం నవంబర్ ನವೆಂ ನವೆಂಬರ್ നവം നവംബർ พย พฤศจิกายน ნოე ნოემბერი
    """,
    """
    ara dec decembar december decembra decembre decembrie decembris dek dekabr des desemba desember
    desembre dets detsember dez dezember dezembro dhj dhjetor dic dicembre diciembre dis disember
    disyembre gru grudnia grudzien gruod gruodis gruodzio joulu joulukuu joulukuuta pro prosinac
    prosinca prosince prosinec aralık déc décembre grudzień gruodžio δεκ δεκέμβριοσ δεκεμβρίου груд
    грудень грудня дек декабрь декабря декември дец децембар דצמבר דצמ׳ دسامبر دسمبر ديسمبر डिसें
    डिसेंबर डिसेम्बर दिसंबर दिसम्बर दिस॰ ডিসে ডিসেম্বর ਦਸੰ ਦਸੰਬਰ ડિસે ડિસેમ્બર ଡିସେମ୍ବର டிச டிசம்பர்
    డిసెం డిసెంబర్ ಡಿಸೆಂ ಡಿಸೆಂಬರ್ ഡിസം ഡിസംബർ ธค ธันวาคม დეკ დეკემბერი
    """,
)
# Monday first.
_WEEKDAYS = (
    """
    be dilluns dl esmaspaev hen hetfo isn isnin jumatatu lun lundi lunedi lunes luni ma maanantai
    maanantaina maandag man mandag mo mon monday montag pazartesi pirmadienis pirmd pirmdiena po pon
    pondeli pondelok ponedeljak ponedeljek ponedjeljak pr pzt seg sen senin esmaspäev hétfő hën
    lunedì mån måndag pondělí poniedziałek δευ δευτέρα пн пон понеделник понедельник понедељак
    понеділок الاثنين دوشنبه پیر सोम सोमबार सोमवार সোম সোমবার ਸੋਮ ਸੋਮਵਾਰ સોમ સોમવાર ସୋମ ସୋମବାର திங்
    திங்கள் సోమ సోమవారం ಸೋಮ ಸೋಮವಾರ തിങ്കളാഴ്ച തിങ്കൾ จันทร์ วันจันทร์ ორშ ორშაბათი 월요일
    """,
    """
    an antradienis ca di dienstag dimarts dinsdag dt jumanne kedd mar mardi martedi martes marti
    otrd otrdiena sal sel selasa teisipaev ter ti tiistai tiistaina tir tirs tirsdag tis tisdag tor
    torek tue tuesday ut utery uto utorak utorok wt wtorek martedì marți salı teisipäev ça út úterý
    τρί τρίτη вт вто вторник вівторок уто уторак الثلاثاء سهشنبه منگل मंगल मंगलवार मंगळ मंगळवार
    मङ्गल मङ्गलबार মঙ্গল মঙ্গলবার ਮੰਗਲ ਮੰਗਲਵਾਰ મંગળ મંગળવાર ମଙ୍ଗଳ ମଙ୍ଗଳବାର செவ் செவ்வாய் మంగళ
    మంగళవారం ಮಂಗಳ ಮಂಗಳವಾರ ചൊവ്വ ചൊവ്വാഴ്ച วันอังคาร อังคาร სამ სამშაბათი 화요일
    """,
    """
    car carsamba dc dimecres jumatano ke keskiviikko keskiviikkona kolmapaev mer mercoledi mercredi
    mi mie miercoles miercuri mittwoch miy miyerkules ons onsdag qua rab rabu sr sre sreda sri
    srijeda sroda st streda sze szerda tr treciadienis tresd tresdiena wed wednesday wo woensdag
    kolmapäev mercoledì mié miércoles mër středa trečiadienis trešd trešdiena çar çarşamba çərşənbə
    śr środa τετ τετάρτη середа ср сре среда сряда الأربعاء بدھ چهارشنبه बुध बुधबार बुधवार বুধ
    বুধবার ਬੁੱਧ ਬੁੱਧਵਾਰ બુધ બુધવાર ବୁଧ ବୁଧବାର புத புதன் బుధ బుధవారం ಬುಧ ಬುಧವಾರ ബുധനാഴ്ച ബുധൻ พุธ
    วันพุธ ოთხ ოთხშაბათი 수요일
    """,
    """
    alhamisi ca cet cetrtek ceturtd ceturtdiena cetvrtak cs csutortok ct ctvrtek czw czwartek dijous
    dj do donderdag donnerstag enj gio giovedi huw huwebes jeu jeudi joi jue jueves kam kamis
    ketvirtadienis kha khamis kt neljapaev per persembe qui st stvrtok thu thursday to tor tors
    torsdag torstai torstaina csütörtök giovedì neljapäev perşembe čet četrtek četvrtak čt čtvrtek
    št štvrtok πέμ πέμπτη чет четвер четверг четвртак четврток четвъртък чт الخميس جمعرات پنجشنبه
    गुरु गुरुवार बिहि बिहिबार বৃহস্পতি বৃহস্পতিবার ਵੀਰ ਵੀਰਵਾਰ ગુરુ ગુરુવાર ଗୁରୁ ଗୁରୁବାର வியா வியாழன்
    గురు గురువారం ಗುರು ಗುರುವಾರ വ്യാഴം വ്യാഴാഴ്ച พฤหัส วันพฤหัสบดี ხუთ ხუთშაბათი 목요일
    """,
    """
    biy biyernes cum cuma divendres dv fr fre fredag freitag fri friday ijumaa jum jumaat jumat pa
    patek pe penktadienis pentek perjantai perjantaina pet petak petek pi piatek piatok piektd
    piektdiena pn pre pt reede sex ven vendredi venerdi vie viernes vin vineri vr vrijdag cümə
    piątek pá pátek péntek venerdì παρ παρασκευή пʼятниця пет петак петок петък пт пятница الجمعة
    جمعه جمعہ शुक्र शुक्रबार शुक्रवार শুক্র শুক্রবার ਸ਼ੁੱਕਰ ਸ਼ੁੱਕਰਵਾਰ શુક્ર શુક્રવાર ଶୁକ୍ର ଶୁକ୍ରବାର
    வெள் வெள்ளி శుక్ర శుక్రవారం ಶುಕ್ರ ಶುಕ್ರವಾರ വെള്ളി വെള്ളിയാഴ്ച วันศุกร์ ศุกร์ პარ პარასკევი 금요일
    """,
    """
    cmt cumartesi dissabte ds jumamosi la lauantai lauantaina laupaev lor lordag sa sab sabado
    sabato sabtu sam sambata samedi samstag sat saturday sestadienis sestd sestdiena sht so sob
    sobota st sub subota szo szombat za zaterdag laupäev lör lördag lør lørdag sáb sábado sâm
    sâmbătă şənbə šeštadienis št σάβ σάββατο саб сабота сб суб суббота субота събота שבת السبت شنبه
    ہفتہ शनि शनिबार शनिवार শনি শনিবার ਸ਼ਨੀ ਸ਼ਨੀਵਾਰ શનિ શનિવાર ଶନି ଶନିବାର சனி శని శనివారం ಶನಿ ಶನಿವಾರ
    ശനി ശനിയാഴ്ച วันเสาร์ เสาร์ შაბ შაბათი 토요일
    """,
    """
    ahad ahd bazar cn dg die dim dimanche diumenge dom domenica domingo dum duminica jumapili lin
    linggo min minggu ne ned nedela nedele nedelja nedjelja niedz niedziela paz pazar puhapaev
    sekmadienis sk so son sondag sonntag su sun sunday sunnuntai sunnuntaina svetd svetdiena
    vasarnap zo zondag duminică nedeľa neděle pühapäev svētd svētdiena sön söndag søn søndag
    vasárnap κυρ κυριακή воскресенье вс нд нед недела неделя недеља неділя اتوار الأحد یکشنبه आइत
    आइतबार रवि रविवार রবি রবিবার ਐਤ ਐਤਵਾਰ રવિ રવિવાર ରବି ରବିବାର ஞாயி ஞாயிறு ఆది ఆదివారం ಭಾನು ಭಾನುವಾರ
    ഞായറാഴ്ച ഞായർ วันอาทิตย์ อาทิตย์ კვი კვირა 일요일
    """,
)


def _by_name(lists: tuple[str, ...]) -> dict[str, frozenset[int]]:
    """Return the numbers, from 1, of the lists that each name is in."""
    found: dict[str, set[int]] = {}
    for number, names in enumerate(lists, 1):
        for name in names.split():
            found.setdefault(name, set()).add(number)
    return {name: frozenset(numbers) for name, numbers in found.items()}


MONTHS = {name: min(numbers) for name, numbers in _by_name(_MONTHS).items()}
"""The number of a month, by its name."""

WEEKDAYS = _by_name(_WEEKDAYS)
"""The numbers of the weekdays that have a name, Monday being 1: "tor" is Tuesday or Thursday."""

HALVES = {
    **dict.fromkeys(("am", "上午", "午前", "오전", "पूर्वाह्न", "ص", "πμ", "सुबह", "ఉదయం"), False),
    **dict.fromkeys(("pm", "下午", "午後", "오후", "अपराह्न", "م", "μμ", "दोपहर", "शाम"), True),
    "సాయంత్రం": True,
}
"""Whether the half of the day is the second, by its name."""

_FILLERS = """
    a alle as at da de del den di du el er h hr hrs kl klo las le nd o of on rd st t th the uhr um à
    às в г р року बजे 年 日 月 년 월 일
    """
FILLERS = frozenset(_FILLERS.split())
"""Words between the parts of a date that add nothing."""

OFFSETS = {
    "z": 0, "utc": 0, "gmt": 0, "ut": 0, "uct": 0, "zulu": 0, "wet": 0,
    # RFC 5322, 4.3, gives those of North America their meaning.
    "edt": -240, "est": -300, "cdt": -300, "cst": -360, "mdt": -360, "mst": -420, "pdt": -420,
    "pst": -480, "akst": -540, "akdt": -480, "hst": -600,
    "ist": 330, "npt": 345, "pkt": 300, "bst": 60, "cet": 60, "cest": 120, "west": 60,
    "eet": 120, "eest": 180, "msk": 180, "trt": 180, "gst": 240, "sgt": 480, "hkt": 480,
    "myt": 480, "wib": 420, "wita": 480, "wit": 540, "ict": 420, "jst": 540, "kst": 540,
    "awst": 480, "aest": 600, "aedt": 660, "acst": 570, "acdt": 630, "nzst": 720, "nzdt": 780,
    "sast": 120, "eat": 180, "wat": 60, "cat": 120,
}  # fmt: skip
"""Minutes east of Greenwich, by the name of a zone. Where the settings' zone has a name itself,
that counts: IST is India's unless the zone is Dublin or Jerusalem."""
