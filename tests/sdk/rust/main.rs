//! A shop that runs out of stock, for the Rust SDK.

use std::{env, fmt, process, time::Duration};

use sentry::protocol::{Breadcrumb, Map, User};

#[derive(Debug)]
struct StockError {
    sku: String,
}

impl fmt::Display for StockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no {} left for rust", self.sku)
    }
}

impl std::error::Error for StockError {}

fn reserve(sku: &str, quantity: u32) -> Result<(), StockError> {
    let available = 0;
    if quantity > available {
        let error = StockError { sku: sku.into() };
        sentry::capture_error(&error);
        return Err(error);
    }
    Ok(())
}

fn checkout(order: &[(&str, u32)]) -> Result<(), StockError> {
    for (sku, quantity) in order {
        reserve(sku, *quantity)?;
    }
    Ok(())
}

fn main() {
    let client = sentry::init((
        env::var("DSN").expect("DSN"),
        sentry::ClientOptions::new()
            .release("shop-rust@1.4.2")
            .environment("staging")
            .attach_stacktrace(true),
    ));
    sentry::configure_scope(|scope| {
        scope.set_user(Some(User {
            id: Some("90211".into()),
            email: Some("maria@shop.example".into()),
            ..Default::default()
        }));
        scope.set_tag("payment.provider", "sepa");
        scope.set_tag("customer", "enterprise");
    });
    sentry::add_breadcrumb(Breadcrumb {
        category: Some("cart".into()),
        message: Some("the mug went into the cart".into()),
        level: sentry::Level::Info,
        data: Map::from([("quantity".into(), 2.into())]),
        ..Default::default()
    });

    let _ = checkout(&[("MUG-0412", 2)]);

    if !client.flush(Some(Duration::from_secs(20))) {
        eprintln!("the SDK could not send everything in 20 s");
        process::exit(1);
    }
}
