"""What the tests of alerts share: rules made without the editor, and what they fired."""

import re

import pytest

from alert.mailbox import Mailbox
from alert.rules import Rules
from page.conftest import Person


@pytest.fixture(scope="module")
def rules(stack):
    return Rules(stack)


@pytest.fixture
def send(stack, project):
    """Sends an event and waits until it is stored; returns its id."""

    def send(message="Boom", to=None, **fields):
        event = stack.send_event(to or project, message=message, **fields)
        stack.wait_for_event(event)
        return event

    return send


@pytest.fixture
def known(stack):
    """Every worker knows the rules: one that starts reads them, others within two seconds or so."""
    return lambda: stack.restart("worker")


@pytest.fixture(scope="module")
def mailbox(stack):
    """The mail server that the stack sends to."""
    box = Mailbox(stack.folder)
    stack.write_config(box.settings)
    stack.restart("worker")
    yield box
    box.close()


@pytest.fixture
def rehearsed(stack):
    """How often the editor says that a saved rule would have fired."""
    reader = Person(stack).sign_in(stack.admin.email)

    def rehearsed(rule):
        page = reader.get(f"/acme/alerts/{rule}/").text
        return 1 if "Would have fired once" in page else int(re.search(r"Would have fired ([\d,]+)", page).group(1).replace(",", ""))

    return rehearsed
