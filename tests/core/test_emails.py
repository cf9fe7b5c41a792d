"""An email address is read without what is put around it; any other text stays as it is."""

import pytest

from backend.core import emails


@pytest.mark.parametrize(
    "text",
    [
        "asha@x.example", " asha@x.example ", "asha@x.example,", "'asha@x.example'",
        "<asha@x.example>", "mailto:asha@x.example", "MAILTO:asha@x.example?subject=Hi there",
        "Asha Rao <asha@x.example>", '"Rao, Asha" <asha@x.example>;', "Email: asha@x.example",
        "e:asha@x.example", "[mail](mailto:asha@x.example)", "\u200basha@x.example\u202c",
        "asha@\u00adx.example",
    ],
)  # fmt: skip
def test_clean(text: str) -> None:
    assert emails.clean(text) == "asha@x.example"


@pytest.mark.parametrize(
    "text",
    [
        None, "", "na", "x@y", "asha@", "a@x.example; b@x.example", "asha@x.example (mother)",
        "asha @x.example", "o'neil@x.example", "मीरा@x.example", "<" * 600 + "@x.example",
    ],
)  # fmt: skip
def test_any_other_text_stays(text: str | None) -> None:
    assert emails.clean(text) == text
