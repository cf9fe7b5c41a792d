"""Files as answers, and the limit of those that are uploaded."""

from backend.api.messages import Response
from backend.core.leads.export_files import Form
from backend.core.settings import Settings

TYPES = {
    Form.CSV: "text/csv; charset=utf-8",
    Form.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# The kinds of files that are exported, each as a summary says it.
FORMS = ((Form.CSV, "a CSV"), (Form.XLSX, "an Excel"))

# In bytes: what a multipart form adds to the file in it, boundaries and the headers of its parts.
_FORM_OVERHEAD = 16 << 10


def attachment(content: bytes, form: Form, name: str) -> Response:
    """Return a file for the browser to save; `name` is without the extension."""
    disposition = f'attachment; filename="{name}{form}"'
    return Response(200, content, {"content-type": TYPES[form], "content-disposition": disposition})


def upload_limit(settings: Settings) -> int:
    """Return how many bytes the body of an upload may have."""
    return settings.max_upload_bytes + _FORM_OVERHEAD
