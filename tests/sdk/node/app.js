// A shop that runs out of stock, for the Node.js SDK.

import * as Sentry from "@sentry/node";

class StockError extends Error {
  name = "StockError";
}

function reserve(sku, quantity) {
  const available = 0;
  if (quantity > available) {
    throw new StockError(`no ${sku} left for node`);
  }
}

function checkout(order) {
  for (const [sku, quantity] of Object.entries(order)) {
    reserve(sku, quantity);
  }
}

Sentry.init({
  dsn: process.env.DSN,
  release: "shop-node@1.4.2",
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

try {
  checkout({ "MUG-0412": 2 });
} catch (error) {
  Sentry.captureException(error);
}

if (!(await Sentry.flush(20_000))) {
  console.error("the SDK could not send everything in 20 s");
  process.exitCode = 1;
}
