"""A shop that runs out of stock, for the Python SDK."""

import os

import sentry_sdk


class StockError(Exception):
    pass


def reserve(sku, quantity):
    available = 0
    if quantity > available:
        raise StockError(f"no {sku} left for python")


def checkout(order):
    for sku, quantity in order.items():
        reserve(sku, quantity)


sentry_sdk.init(
    dsn=os.environ["DSN"],
    release="shop-python@1.4.2",
    environment="staging",
)
sentry_sdk.set_user({"id": "90211", "email": "maria@shop.example"})
sentry_sdk.set_tag("payment.provider", "sepa")
sentry_sdk.set_tag("customer", "enterprise")
sentry_sdk.add_breadcrumb(
    category="cart", message="the mug went into the cart", level="info",
    data={"quantity": 2},
)

try:
    checkout({"MUG-0412": 2})
except StockError as error:
    sentry_sdk.capture_exception(error)

sentry_sdk.flush(timeout=20)
