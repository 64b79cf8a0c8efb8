// A shop that runs out of stock, for the browser SDK.

/* global Sentry */

class StockError extends Error {
  name = "StockError";
}

function reserve(sku, quantity) {
  const available = 0;
  if (quantity > available) {
    throw new StockError(`no ${sku} left for browser`);
  }
}

function checkout(order) {
  for (const [sku, quantity] of Object.entries(order)) {
    reserve(sku, quantity);
  }
}

Sentry.init({
  dsn: new URLSearchParams(location.search).get("dsn"),
  release: "shop-browser@1.4.2",
  environment: "staging",
});
Sentry.setUser({ id: "90211", email: "maria@shop.example" });
Sentry.setTag("payment.provider", "sepa");
Sentry.setTag("customer", "enterprise");
Sentry.addBreadcrumb({
  category: "cart",
  message: "the mug went into the cart",
  level: "info",
  data: { quantity: 2 },
});

document.querySelector("button").addEventListener("click", async () => {
  try {
    checkout({ "MUG-0412": 2 });
  } catch (error) {
    Sentry.captureException(error);
  }
  const sent = await Sentry.flush(20_000);
  document.querySelector("output").textContent = sent ? "sent" : "not sent";
});
