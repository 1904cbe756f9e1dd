// Command demoapi serves the API of a made-up shop, for the restapi example to
// read. Package shop says what the API is.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/penstock-sdk/penstock/examples/restapi/demoapi/shop"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "the `address` to listen on")
	var config shop.Config
	flag.StringVar(&config.APIKey, "api-key", "demo", "the `key` that requests have to bear")
	flag.IntVar(&config.Customers, "customers", 100, "how many customers there are")
	flag.IntVar(&config.Orders, "orders", 10_000, "how many orders there are")
	flag.Float64Var(&config.Faults, "faults", 0, "the `share` of requests that fail, from 0 to 1")
	flag.Uint64Var(&config.Seed, "seed", 1, "what decides about rows and faults")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := serve(ctx, *addr, config)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "demoapi:", err)
		os.Exit(1)
	}
}

// serve serves the shop until ctx is done.
func serve(ctx context.Context, addr string, config shop.Config) error {
	var listen net.ListenConfig
	listener, err := listen.Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "serving %d orders on http://%s, for instance:\n\n\tcurl -H 'Authorization: Bearer %s' 'http://%s/orders?limit=2'\n\n",
		config.Orders, listener.Addr(), config.APIKey, listener.Addr())
	server := &http.Server{Handler: shop.New(config), ReadHeaderTimeout: 10 * time.Second}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(ending); err != nil {
		return err
	}
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
