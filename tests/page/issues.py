"""Events for the tests of the issue pages, as SDKs send them."""

import time


def frame(function, lineno, in_app=True, filename="shop/checkout/services.py", context=True, **more):
    frame = {"function": function, "module": filename.removesuffix(".py").replace("/", "."),
             "filename": filename, "abs_path": f"/srv/{filename}", "lineno": lineno, "in_app": in_app}
    if context:
        frame |= {"pre_context": ["    with transaction.atomic():", "        try:"],
                  "context_line": f"            raise {function}_failed(order.id)",
                  "post_context": ["        finally:", "            release()"]}
    return frame | more


def lock_timeout(**more):
    """A Python error with everything that an issue page can show."""
    now = time.time()
    return {
        "platform": "python", "level": "error", "release": "shop-api@1.4.2+b771",
        "environment": "production", "server_name": "app-fra1-07",
        "transaction": "shop.checkout.services in reserve_stock",
        "exception": {"values": [
            {"type": "LockNotAvailable", "module": "psycopg.errors",
             "value": "canceling statement due to lock timeout\nCONTEXT: while locking tuple (118,4)",
             "mechanism": {"type": "chained", "handled": False},
             "stacktrace": {"frames": [
                 frame("get", 54, filename="shop/stock/managers.py", vars={"kw": "{'sku': <Sku>}"}),
                 frame("_execute", 105, in_app=False, filename="django/db/backends/utils.py",
                       context=False)]}},
            {"type": "InventoryLockTimeout", "module": "shop.errors",
             "value": "could not reserve 3 items for order 8841207 within 2.0 s",
             "mechanism": {"type": "django", "handled": False},
             "stacktrace": {"frames": [
                 frame("inner", 55, in_app=False, filename="django/core/handlers/exception.py",
                       context=False),
                 frame("dispatch", 143, in_app=False, filename="django/views/generic/base.py",
                       context=False),
                 frame("confirm", 88, filename="shop/checkout/views.py",
                       vars={"form": "<ConfirmForm bound=True>"}),
                 frame("reserve_stock", 147, vars={
                     "LOCK_TIMEOUT": "2.0", "nothing": "None",
                     "order": "<Order 8841207: status='paid'>",
                     "pending": ["'MUG-0412'", "'TEE-NAVY-L'"],
                     "settings": {"nested": {"depth": 2}}, "api_token": "[Filtered]"})]}}]},
        "breadcrumbs": {"values": [
            {"timestamp": now - 3, "type": "navigation", "category": "navigation",
             "data": {"from": "/cart/", "to": "/checkout/confirm/"}},
            {"timestamp": now - 2, "type": "query", "category": "query", "level": "info",
             "message": "SELECT … FROM \"shop_order\"", "data": {"duration_ms": 4.1}},
            {"timestamp": now - 1, "type": "http", "category": "http", "level": "error",
             "data": {"method": "GET", "url": "https://stock.internal/levels", "status_code": 503}},
            {"timestamp": now - .5, "category": "console", "level": "warning",
             "message": "[stock] retry 1 of 2"}]},
        "request": {"url": "https://shop.acme.example/checkout/confirm/", "method": "POST",
                    "query_string": "step=pay", "data": {"order": 8841207, "payment": "it's sepa"},
                    "headers": {"Host": "shop.acme.example", "Accept-Language": "de-DE,de;q=0.9",
                                "Content-Type": "application/json"}},
        "user": {"id": "90211", "email": "maria.orlova@example.ru", "ip_address": "203.0.113.7"},
        "tags": {"payment.provider": "sepa-direct", "payment.retries": "2", "shop.campaign": "лето-2026"},
        "contexts": {"runtime": {"name": "CPython", "version": "3.13.5"},
                     "os": {"name": "Linux", "version": "6.1"},
                     "trace": {"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "span_id": "00f067aa0ba902b7",
                               "op": "http.server"},
                     "flags": {"values": [{"flag": "checkout_v3", "result": True}]}},
        "extra": {"bar": 43, "cart": {"items": 3, "total": {"amount": "148.90"}}},
        "modules": {"django": "5.2.4", "psycopg": "3.2.9", "celery": "5.5.3"},
        "sdk": {"name": "sentry.python.django", "version": "2.33.0", "integrations": ["django", "logging"],
                "packages": [{"name": "pypi:sentry-sdk", "version": "2.33.0"}]},
        **more,
    }
