// A shop that runs out of stock, for the Go SDK.
package main

import (
	"fmt"
	"log"
	"os"
	"time"

	"github.com/getsentry/sentry-go"
)

type StockError struct {
	SKU string
}

func (e *StockError) Error() string {
	return fmt.Sprintf("no %s left for go", e.SKU)
}

func reserve(sku string, quantity int) error {
	available := 0
	if quantity > available {
		err := &StockError{SKU: sku}
		sentry.CaptureException(err)
		return err
	}
	return nil
}

func checkout(order map[string]int) error {
	for sku, quantity := range order {
		if err := reserve(sku, quantity); err != nil {
			return fmt.Errorf("checkout: %w", err)
		}
	}
	return nil
}

func main() {
	err := sentry.Init(sentry.ClientOptions{
		Dsn:         os.Getenv("DSN"),
		Release:     "shop-go@1.4.2",
		Environment: "staging",
	})
	if err != nil {
		log.Fatal(err)
	}
	sentry.ConfigureScope(func(scope *sentry.Scope) {
		scope.SetUser(sentry.User{ID: "90211", Email: "maria@shop.example"})
		scope.SetTag("payment.provider", "sepa")
		scope.SetTag("customer", "enterprise")
	})
	sentry.AddBreadcrumb(&sentry.Breadcrumb{
		Category: "cart",
		Message:  "the mug went into the cart",
		Level:    sentry.LevelInfo,
		Data:     map[string]any{"quantity": 2},
	})

	_ = checkout(map[string]int{"MUG-0412": 2})

	if !sentry.Flush(20 * time.Second) {
		log.Fatal("the SDK could not send everything in 20 s")
	}
}
