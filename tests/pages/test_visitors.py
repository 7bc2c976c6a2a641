"""Who gets the machine's own workspace, and who a visitor's."""

import pytest

from pages.parts.visitors import at_this_machine


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Host": "localhost:8501", "Origin": "http://localhost:8501"},
        {"Host": "127.0.0.1"},
        {"Host": "[::1]", "Origin": "http://[::1]:8501"},
    ],
)
def test_own_address_typed_at_this_machine_is_the_owner(headers: dict[str, str]) -> None:
    assert at_this_machine(None, headers)
    assert not at_this_machine("192.168.0.7", headers)


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "muffin.example"},
        {"Host": "localhost:8501", "X-Forwarded-For": "203.0.113.9"},
        {"Host": "localhost:8501", "X-Real-Ip": "203.0.113.9"},
        {"Host": "localhost:8501", "Origin": "https://muffin.example"},
        {"Host": "localhost:8501", "Origin": "null"},
        {"Host": "localhost.example:8501"},
        {"Host": "[::1"},
    ],
)
def test_whoever_comes_through_a_proxy_is_a_visitor(headers: dict[str, str]) -> None:
    assert not at_this_machine(None, headers)
