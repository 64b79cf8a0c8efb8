"""The example of the course, line for line; only the DSN comes from outside."""

import logging
import os

import sentry_sdk
from sentry_sdk.integrations.logging import LoggingIntegration

# everything reaches the SDK: what it leaves out, it leaves out by its own levels
logging.basicConfig(level=logging.DEBUG)

sentry_sdk.init(
    dsn=os.environ["DSN"],
    integrations=[
        LoggingIntegration(
            level=logging.INFO,
            event_level=logging.ERROR,
        ),
    ],
)

logging.debug("I am ignored")
logging.info("I am a breadcrumb")
logging.error("I am an event", extra=dict(bar=43))


def share(cake, guests):
    slices = cake * 8
    return slices // guests


try:
    share(cake=3, guests=0)
except Exception:
    logging.exception("An exception happened")

sentry_sdk.flush(timeout=20)
