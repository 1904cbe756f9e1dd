// Command demoapi serves a fictional shop's API, which the restapi example reads. Package
// shop documents the API. Flags set the size of the shop and the share of requests that
// fail, and change orders. Run it with -help for a list.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/penstock-sdk/penstock/examples/restapi/demoapi/shop"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal ends the program immediately.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stderr))
}

// run runs the program and returns its exit status.
func run(ctx context.Context, args []string, stderr io.Writer) int {
	flags := flag.NewFlagSet("demoapi", flag.ContinueOnError)
	flags.SetOutput(stderr)
	addr := flags.String("addr", "127.0.0.1:8080", "the `address` to listen on")
	var config shop.Config
	flags.StringVar(&config.APIKey, "api-key", "demo", "the `key` that requests must send")
	flags.IntVar(&config.Customers, "customers", 100, "the `number` of customers")
	flags.IntVar(&config.Orders, "orders", 10_000, "the `number` of orders")
	flags.Float64Var(&config.Faults, "faults", 0, "the `share` of requests that fail, from 0 to 1")
	flags.Uint64Var(&config.Seed, "seed", 1, "the `seed` of the random rows and faults")
	var touched, deleted numbers
	flags.Var(&touched, "touch", "change the orders with these `numbers`, such as 0,17")
	flags.Var(&deleted, "delete", "then delete the orders with these `numbers`")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2 // Parse has printed the error
	}
	err := config.Validate()
	if flags.NArg() > 0 {
		err = errors.Join(err, fmt.Errorf("unexpected argument %q", flags.Arg(0)))
	}
	for _, number := range slices.Concat(touched, deleted) {
		if number >= config.Orders {
			err = errors.Join(err, fmt.Errorf("there is no order %d; the last one is %d", number, config.Orders-1))
		}
	}
	if err != nil {
		fmt.Fprintf(stderr, "demoapi: %v\n", err)
		return 2
	}
	api := shop.New(config)
	for _, number := range touched {
		api.Touch(number)
	}
	for _, number := range deleted {
		api.Delete(number)
	}
	if err := serve(ctx, *addr, config, api, stderr); err != nil {
		fmt.Fprintf(stderr, "demoapi: %v\n", err)
		return 1
	}
	return 0
}

// serve serves the shop until ctx is done.
func serve(ctx context.Context, addr string, config shop.Config, api http.Handler, stderr io.Writer) error {
	var listen net.ListenConfig
	listener, err := listen.Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	url := "http://" + listener.Addr().String()
	fmt.Fprintf(stderr, "serving %d orders on %s; try:\n\n\tcurl -H 'Authorization: Bearer %s' '%s/orders?limit=2'\n\n",
		config.Orders, url, config.APIKey, url)
	server := &http.Server{Handler: api, ReadHeaderTimeout: 10 * time.Second}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if server.Shutdown(ending) != nil {
		_ = server.Close() // disconnect clients that do not read their responses
	}
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
