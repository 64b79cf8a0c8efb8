"""What the tests of alerts share: rules made without the editor, and what they fired."""

import pytest

from alert.mailbox import Mailbox
from alert.rules import Rules


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
