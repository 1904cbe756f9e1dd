// Command demo demonstrates the restapi connector. It serves the demo API, builds the
// connector, and runs penstock to sync the tables into demo-files/warehouse.db. Then it
// changes two orders and syncs again. Run it in a checkout of the SDK.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
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
	fmt.Fprintf(out, "The demo API serves %d orders at %s. One in 5 requests fails.\n", orders, url)

	configuration, err := prepare(ctx, dir, url)
	if err != nil {
		return err
	}
	// penstock runs a command of the tool in the directory demo-files.
	penstock := func(command string, args ...string) error {
		args = append([]string{command, "-files", "demo-files"}, args...)
		cmd := exec.CommandContext(ctx, program(dir, "penstock"), args...)
		cmd.Stdout, cmd.Stderr = out, os.Stderr
		return cmd.Run()
	}
	sync := func() error {
		fmt.Fprintf(out, "\n$ penstock sync -files demo-files -- ./restapi\n")
		return penstock("sync", "-configuration", configuration, "--", program(dir, "restapi"))
	}

	// The API has the same rows in each run, so a warehouse of an earlier run would
	// leave nothing to sync.
	if err := os.RemoveAll("demo-files"); err != nil {
		return err
	}
	if err := sync(); err != nil {
		return err
	}
	fmt.Fprintf(out, "\nNow order number 17 changes and number 4711 is deleted.\n")
	api.Touch(17)
	api.Delete(4711)
	if err := sync(); err != nil {
		return err
	}
	fmt.Fprintf(out, "\n$ penstock diff -files demo-files\n")
	if err := penstock("diff"); err != nil {
		return err
	}
	const query = "select status, count(*) as orders, sum(total) as total from shop.orders where not _fivetran_deleted group by status"
	fmt.Fprintf(out, "$ penstock query -files demo-files %q\n", query)
	if err := penstock("query", query); err != nil {
		return err
	}
	fmt.Fprintf(out, "\nThe API failed %d of %d requests, and no row was lost.\n", api.Faults(), api.Requests())
	fmt.Fprintf(out, "The tables are in demo-files/warehouse.db. The next run of the demo replaces them.\n")
	return nil
}

// prepare builds the connector and penstock into dir, and writes a configuration there. It
// returns the configuration's path.
func prepare(ctx context.Context, dir, url string) (configuration string, err error) {
	const sdk = "github.com/penstock-sdk/penstock"
	build := exec.CommandContext(ctx, "go", "build", "-o", dir+string(filepath.Separator), sdk+"/examples/restapi", sdk+"/connector/cmd/penstock")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return "", fmt.Errorf("build the connector and penstock: %w", err)
	}
	text, err := json.Marshal(map[string]string{"api_key": "demo", "base_url": url})
	if err != nil {
		return "", err
	}
	configuration = filepath.Join(dir, "configuration.json")
	return configuration, os.WriteFile(configuration, text, 0o600)
}

// program returns the path of a program in dir.
func program(dir, name string) string {
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return filepath.Join(dir, name)
}

// serve serves the API on a free port of the loopback interface.
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
