// Command demo shows the restapi connector at work: it serves the demo API,
// builds the connector, syncs once from nothing, changes some orders and syncs
// again. It leaves nothing behind.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/penstock-sdk/penstock/examples/restapi/demoapi/shop"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "penstock-demo-")
	if err != nil {
		return err
	}
	defer func() {
		if removeErr := os.RemoveAll(dir); err == nil {
			err = removeErr
		}
	}()

	const orders = 10_000
	api := shop.New(shop.Config{APIKey: "demo", Customers: 50, Orders: orders, Faults: 0.2, Seed: 4})
	url, stop, err := serve(ctx, api)
	if err != nil {
		return err
	}
	defer stop()
	fmt.Fprintf(out, "The demo API serves %d orders at %s, and fails in 1 of 5 requests.\n", orders, url)

	config, err := json.Marshal(map[string]string{"api_key": "demo", "base_url": url})
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "config.json"), config, 0o600); err != nil {
		return err
	}
	binary := filepath.Join(dir, "restapi")
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, "github.com/penstock-sdk/penstock/examples/restapi")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("build the connector: %w", err)
	}
	connector := func(args ...string) ([]string, error) {
		fmt.Fprintf(out, "\n$ restapi %s\n", strings.Join(args, " "))
		cmd := exec.CommandContext(ctx, binary, args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "PENSTOCK_LOG_FORMAT=text")
		var answer bytes.Buffer
		cmd.Stdout, cmd.Stderr = &answer, os.Stderr
		err := cmd.Run()
		return strings.Split(strings.TrimSpace(answer.String()), "\n"), err
	}

	lines, err := connector("test", "--config", "config.json")
	show(out, lines)
	if err != nil {
		return err
	}
	lines, err = connector("sync", "--config", "config.json", "--state", "state.json")
	show(out, lines)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\nOf the orders, number 17 is changed and number 4711 deleted.\n")
	api.Touch(17)
	api.Delete(4711)
	// The customers are read as a whole each time; here is what else came.
	lines, err = connector("sync", "--config", "config.json", "--state", "state.json")
	show(out, withoutCustomers(lines))
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\nThe API failed in %d of %d requests, and nothing was lost.\n", api.Faults(), api.Requests())
	return nil
}

// serve serves the shop on a port of this machine.
func serve(ctx context.Context, api http.Handler) (url string, stop func(), err error) {
	var listen net.ListenConfig
	listener, err := listen.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: api, ReadHeaderTimeout: 10 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // until stop closes it
	}()
	return "http://" + listener.Addr().String(), func() { _ = server.Close(); <-done }, nil
}

// show prints the first lines of an answer, and the last.
func show(out io.Writer, lines []string) {
	const first = 6
	for i, line := range lines {
		switch {
		case i < first || i == len(lines)-1:
			if r := []rune(line); len(r) > 160 {
				line = string(r[:159]) + "…"
			}
			fmt.Fprintln(out, line)
		case i == first:
			fmt.Fprintf(out, "… %d lines more …\n", len(lines)-first-1)
		}
	}
}

func withoutCustomers(lines []string) (rest []string) {
	for _, line := range lines {
		if !strings.Contains(line, `{"shop":{"customers":`) {
			rest = append(rest, line)
		}
	}
	return rest
}
