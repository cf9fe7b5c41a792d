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


@pytest.mark.parametrize(
    "text",
    [
        "asha@x.example, ravi@x.example", "asha@x.example / ravi@x.example",
        "asha@x.example;ravi@x.example", "asha@x.example/ravi@x.example",
        "asha@x.example | ravi@x.example", "asha@x.example & ravi@x.example",
        "asha@x.example ravi@x.example", "asha@x.example\nravi@x.example",
        "asha@x.example or ravi@x.example", "<asha@x.example>, <ravi@x.example>",
        "mailto:asha@x.example, mailto:ravi@x.example", "F:asha@x.example M:ravi@x.example",
        "Asha Rao <asha@x.example>; Ravi Rao <ravi@x.example>", "asha@x, asha@x.example",
        "Asha Rao <asha@x.example>", "asha@x.example (mother)", "my mail is asha@x.example",
    ],
)  # fmt: skip
def test_the_first_of_several_counts_and_the_text_is_kept(text: str) -> None:
    assert emails.split(text) == ("asha@x.example", text)


@pytest.mark.parametrize(
    "text",
    [
        "asha@x.example", " asha@x.example", "mailto:asha@x.example", "Email id: asha@x.example",
        "mailto:asha@x.example?subject=Hi there", "asha@x.example, asha@x.example",
        "<asha@x.example>;", "[asha@x.example](mailto:asha@x.example)", "asha@\u00adx.example",
        "(asha@x.example)",
    ],
)  # fmt: skip
def test_one_address_is_all_there_is(text: str) -> None:
    assert emails.split(text) == ("asha@x.example", None)


@pytest.mark.parametrize("text", [None, "", "na", "x@y", "asha @x.example", "@" * 600, "@handle"])
def test_no_address(text: str | None) -> None:
    assert emails.split(text) == (text, None)
