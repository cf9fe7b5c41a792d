"""The names of the fields for what was done about a lead elsewhere: status, follow-up, owner.

By tiers, as in `synonyms`.
"""

NAMES: dict[str, tuple[str, ...]] = {
    "status": (
        "status, lead_status, lead stage, stage, lead state, enquiry status, inquiry status,"
        "prospect stage, enq status, pipeline stage, deal stage, current status, status of lead,"
        "lead current status, follow up status, stage name, hs_lead_status, current stage,"
        "स्थिति, स्टेटस, लीड स्टेटस, स्टेटस लीड, స్థితి, స్టేటస్, లీడ్ స్థితి, நிலை,"
        "estado del lead, status do lead, statut, statut du lead, الحالة, حالة العميل,"
        "status prospek",
        "lifecycle stage, call status, calling status, disposition, call disposition,"
        "last disposition, call outcome, outcome, call result",
    ),
    "comment": (
        "remarks, remark, comments, comment, notes, note, feedback, call remarks, call remark,"
        "call notes, call feedback, calling remarks, follow up remarks, follow up notes,"
        "follow up comments, counsellor remarks, counselor remarks, team remarks,"
        "agent remarks, caller remarks, executive remarks, sales remarks, admin remarks,"
        "lead notes, lead remarks, last remark, last remarks, last note, latest remarks,"
        "latest comment, last comment, observation, observations, call summary, discussion,"
        "parent feedback, parents feedback, remarks 1, remarks 2, remark 1, remark 2,"
        "remarks if any, any remarks, comments if any, notes/remarks, remarks/comments,"
        "feedback/remarks, call comments, टिप्पणी, टिप्पणियाँ, टिप्पणियां, रिमार्क, रिमार्क्स,"
        "नोट्स, फीडबैक, వ్యాఖ్య, వ్యాఖ్యలు, గమనిక, గమనికలు, రిమార్క్స్, குறிப்பு, குறிப்புகள்,"
        "comentarios, notas, observaciones, observações, remarques, commentaires, bemerkung,"
        "bemerkungen, anmerkungen, notizen, ملاحظات, catatan, keterangan",
        "description, lead description",
    ),
    "next_followup_date": (
        "next_followup_date, next follow up, follow up date, follow up on, follow up time,"
        "next follow up on, next follow up time, next follow up at, next_call, next call date,"
        "next call on, next call time, next calling date, call back date, callback time,"
        "callback on, callback, callback at, reminder, reminder date, next reminder,"
        "next activity date, next action date, next contact date, date of next call,"
        "date of next follow up, next f/u date, next f/u dt, nxt f/u dt, f/u date, next date,"
        "follow up, next task due date, next activity,"
        "follow up scheduled, callback later time, अगली कॉल, अगला फॉलो अप, फॉलोअप तारीख,"
        "अगली तारीख, తదుపరి కాల్, తదుపరి ఫాలో అప్, ఫాలో అప్ తేదీ, próxima llamada,"
        "fecha de seguimiento, próximo contato, próximo contacto, data de acompanhamento,"
        "prochain appel, date de relance, wiedervorlage, nächster anruf, موعد المتابعة,"
        "tanggal follow up",
    ),
    "lost_reason": (
        "lost_reason, reason for loss, loss reason, reason for lost, reason lost,"
        "lead lost reason, lost lead reason, reason for not joining, not joining reason,"
        "reason for not interested, not interested reason, closed lost reason, drop reason,"
        "reason for drop, reason for dropping, rejection reason, disqualification reason,"
        "disqualified reason, unqualified reason, junk reason, reason for not converting,"
        "dead reason, reason for dead, why not joined, reason of loss,"
        "reason if not interested, न जुड़ने का कारण, कारण, కారణం, చేరకపోవడానికి కారణం,"
        "motivo de pérdida, motivo da perda, motif de perte, verlustgrund, سبب الخسارة,"
        "alasan tidak jadi",
    ),
    "owner": (
        "owner, lead_owner, contact owner, owner name, owner email, lead owner name,"
        "lead owner email, assigned to, assigned_user, assignee, assigned, assigned agent,"
        "assigned caller, assigned counsellor, assigned counselor, lead assigned to,"
        "allocated to, alloted to, allotted to, handled by, caller, caller name, telecaller,"
        "telecaller name, counsellor, counselor, counsellor name, counselor name, sales person,"
        "sales owner, sales executive, agent, agent name, executive, executive name, bde,"
        "relationship manager, responsible person, salesperson, sales rep, enq by, owneridname,"
        "ownerid, hubspot owner, hubspot_owner_id,"
        "lead handled by, called by, follow up by, मालिक, कॉलर, असाइन किया गया, కాలర్,"
        "కేటాయించినవారు, propietario, responsable, responsável, dono, propriétaire, assigné à,"
        "besitzer, zuständig, zugewiesen an, المالك, المسؤول, pemilik, penanggung jawab",
    ),
    "source": (
        "source, lead_source, source of lead, lead source name, original source, utm_source,"
        "enquiry source, inquiry source, source of enquiry, how did you hear about us,"
        "how did you know about us, how did you find us, how did you find out about us,"
        "how did you come to know about us, कैसे पता चला, lead origin, channel source,"
        "source name, traffic source,"
        "medium, स्रोत, सोर्स, మూలం, సోర్స్, fuente, fuente del lead, origem, origem do lead,"
        "origine, quelle, lead quelle, المصدر, sumber",
    ),
}
