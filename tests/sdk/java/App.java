// A shop that runs out of stock, for the Java SDK.
package shop;

import io.sentry.Breadcrumb;
import io.sentry.Sentry;
import io.sentry.SentryLevel;
import io.sentry.protocol.User;
import java.util.Map;

public final class App {

    static void reserve(String sku, int quantity) throws StockError {
        int available = 0;
        if (quantity > available) {
            throw new StockError(sku);
        }
    }

    static void checkout(Map<String, Integer> order) throws StockError {
        for (Map.Entry<String, Integer> line : order.entrySet()) {
            reserve(line.getKey(), line.getValue());
        }
    }

    public static void main(String[] args) {
        Sentry.init(options -> {
            options.setDsn(System.getenv("DSN"));
            options.setRelease("shop-java@1.4.2");
            options.setEnvironment("staging");
            options.addInAppInclude("shop");
        });

        User user = new User();
        user.setId("90211");
        user.setEmail("maria@shop.example");
        Sentry.setUser(user);
        Sentry.setTag("payment.provider", "sepa");
        Sentry.setTag("customer", "enterprise");

        Breadcrumb crumb = new Breadcrumb("the mug went into the cart");
        crumb.setCategory("cart");
        crumb.setLevel(SentryLevel.INFO);
        crumb.setData("quantity", 2);
        Sentry.addBreadcrumb(crumb);

        try {
            checkout(Map.of("MUG-0412", 2));
        } catch (StockError error) {
            Sentry.captureException(error);
        }

        Sentry.flush(20_000);
        Sentry.close();
    }
}

final class StockError extends Exception {

    StockError(String sku) {
        super("no " + sku + " left for java");
    }
}
