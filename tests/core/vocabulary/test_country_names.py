"""The region of a country's name."""

import phonenumbers
import pytest

from backend.core.vocabulary import country_names
from backend.core.vocabulary.country_names import region_of

LINES = list(country_names.lines())


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("USA", "US"),
        ("U.S.", "US"),
        ("u.s.a", "US"),
        ("us", "US"),
        (" United  States ", "US"),
        ("United States (US)", "US"),
        ("UK", "GB"),
        ("England", "GB"),
        ("UAE", "AE"),
        ("Dubai, U.A.E.", "AE"),
        ("INDIA", "IN"),
        ("in", "IN"),
        ("India (+91)", "IN"),
        ("\U0001f1ee\U0001f1f3 India", "IN"),
        ("\u092d\u093e\u0930\u0924", "IN"),
        ("The Netherlands", "NL"),
        ("Saint Lucia", "LC"),
        ("Trinidad and Tobago", "TT"),
        ("Cote D'Ivoire", "CI"),
        ("Turkey", "TR"),
        ("AND", "AD"),
        # Two countries have it
        ("Congo", None),
        ("N/A", None),
        ("no", None),
        ("NO", "NO"),
        ("Hyderabad", None),
        ("Telangana", None),
        ("+91", None),
        ("-", None),
        ("", None),
        ("India " * 30, None),
    ],
)
def test_the_region_of_a_text(text: str, region: str | None) -> None:
    assert region_of(text) == region


def test_all_regions_have_names_of_their_own() -> None:
    assert {region for region, _ in LINES} == phonenumbers.SUPPORTED_REGIONS
    for region, names in LINES:
        assert [name for name in names if region_of(name) != region] == []
        assert region == "NA" or region_of(region) == region
