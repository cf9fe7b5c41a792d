"""Send one email of the outbox: what the channels of emails share."""

from backend.core import mail
from backend.core.outbox.channels import Result
from backend.core.reasons import Reason, ReasonCode
from backend.core.settings import Settings

# All emails go by one mail server.
RECEIVER = "smtp"


def send(settings: Settings, to: str, subject: str, text: str, name: str) -> Result:
    """Send an email. `name` is the same whenever the same message is sent again."""
    if not mail.is_set_up(settings):
        return Result.failed(ReasonCode.EMAIL_NOT_SENT, said="SMTP_URL or PUBLIC_URL isn't set")
    try:
        mail.send(settings, to, subject, text, name)
    except mail.NotSent as error:
        if error.for_good:
            return Result.failed(ReasonCode.EMAIL_NOT_SENT, said=str(error))
        return Result.again(Reason(ReasonCode.EMAIL_NOT_SENT, {"said": str(error)}))
    return Result.sent()
