"""What every error looks like, whatever route and whatever server it comes from."""

from tests.servers import Answer

FAULT = {"type": str, "loc": list, "msg": str}


def check_error(answer: Answer, *never: str) -> None:
    """`{"detail": sentence}`, or for a 422 a list of faults; none of `never` stands in it."""
    where = f"{answer.status} {answer.body[:300]!r}"
    assert 400 <= answer.status < 500, where
    assert answer.headers["content-type"] == "application/json", where
    assert answer.headers["content-length"] == str(len(answer.body)), where
    body = answer.json()
    assert list(body) == ["detail"], where
    if answer.status == 422:
        assert body["detail"], where
        for fault in body["detail"]:
            assert list(fault) == list(FAULT), where
            assert all(isinstance(fault[name], kind) for name, kind in FAULT.items()), where
            assert fault["loc"][0] in ("body", "query", "path"), where
            assert all(isinstance(step, str | int) for step in fault["loc"]), where
            assert fault["type"], where
            assert len(fault["msg"]) > 3, where
    else:
        assert isinstance(body["detail"], str), where
        assert len(body["detail"]) > 3, where
    for text in never:
        assert text not in answer.body.decode(), where
