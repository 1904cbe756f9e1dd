//go:build unix

// Command benchmark measures what programs cost that read the same API and deliver the same
// rows: a Penstock connector on each of its wires, programs in Go without a library, a loop in
// Python, and connectors with three frameworks for Python. The README of its directory says
// how to run it and what the programs do differently.
//
// The programs run in alternation. The rows of each are compared, cell by cell, with those of
// the first.
package main

import (
	"bufio"
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

func main() {
	run := run
	if os.Getenv(measuring) != "" {
		run = measureArguments
	}
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "benchmark:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	orders := flag.Int("orders", 100_000, "the number of orders of the shop; an order has two items on average")
	runs := flag.Int("runs", 5, "how often each program runs")
	environments := flag.String("python", "", "the directory that python/setup has made; without it, only the programs in Go run")
	repository := flag.String("repository", filepath.Join("..", ".."), "the root of the repository")
	picture := flag.String("svg", "", "a file for the chart")
	flag.Parse()
	if flag.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flag.Arg(0))
	}
	dir, err := os.MkdirTemp("", "benchmark")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	contenders, err := build(ctx, *repository, *environments, dir)
	if err != nil {
		return err
	}
	b := &benchmark{dir: dir, contenders: contenders, results: map[*contender]*result{}}
	const few = 10
	if err := b.startUp(ctx, few, *runs); err != nil {
		return err
	}
	if err := b.sync(ctx, *orders, *runs); err != nil {
		return err
	}
	if err := b.table(os.Stdout); err != nil {
		return err
	}
	if *picture == "" {
		return nil
	}
	return os.WriteFile(*picture, []byte(b.chart()), 0o644)
}

// A benchmark holds the results of the contenders. The first one is the measure of the others.
type benchmark struct {
	dir        string
	contenders []*contender
	results    map[*contender]*result
	rows       int // of a sync
}

// A result is what a contender costs. The durations and the peak are medians.
type result struct {
	cpu, start time.Duration
	peak       int64
	installed  int64
}

// startUp measures syncs of a few orders, which consist of little else than the start.
func (b *benchmark) startUp(ctx context.Context, orders, runs int) error {
	measured, err := b.measured(ctx, orders, runs)
	if err != nil {
		return err
	}
	for c, all := range measured {
		size, err := installedSize(c.installed)
		if err != nil {
			return err
		}
		b.results[c] = &result{start: median(all, func(m measurement) time.Duration { return m.Wall }), installed: size}
	}
	return nil
}

// sync measures syncs of many orders.
func (b *benchmark) sync(ctx context.Context, orders, runs int) error {
	measured, err := b.measured(ctx, orders, runs)
	if err != nil {
		return err
	}
	for c, all := range measured {
		b.results[c].cpu = median(all, func(m measurement) time.Duration { return m.CPU })
		b.results[c].peak = median(all, func(m measurement) int64 { return m.Peak })
	}
	return nil
}

// measured runs all contenders in alternation, and compares their rows.
func (b *benchmark) measured(ctx context.Context, orders, runs int) (map[*contender][]measurement, error) {
	address, stop, err := serve(ctx, filepath.Join(b.dir, "demoapi"), orders)
	if err != nil {
		return nil, err
	}
	defer stop()
	config := fmt.Sprintf(`{"api_key":"demo","base_url":%q}`, address)
	f := files{
		config: filepath.Join(b.dir, "config.json"), catalog: filepath.Join(b.dir, "catalog.json"),
		withoutItems: filepath.Join(b.dir, "without_items.json"),
	}
	request := filepath.Join(b.dir, "request.json")
	for path, text := range map[string]string{
		f.config: config, request: `{"secrets":` + config + `}`,
		f.catalog: catalog("customers", "orders", "order_items"), f.withoutItems: catalog("customers", "orders"),
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	measured := map[*contender][]measurement{}
	var want tables
	for i := range runs {
		for _, c := range b.contenders {
			dir := filepath.Join(b.dir, "run")
			if err := os.Mkdir(dir, 0o700); err != nil {
				return nil, err
			}
			stdin := os.DevNull
			if c.request {
				stdin = request
			}
			m, err := measure(ctx, c.command(f, dir), stdin, dir)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", c.name, err)
			}
			measured[c] = append(measured[c], m)
			fmt.Fprintf(os.Stderr, "%d orders, run %d of %d, %s: %v CPU\n", orders, i+1, runs, c.name, m.CPU.Round(time.Millisecond))
			if i == 0 {
				got, err := c.tables(dir)
				if err != nil {
					return nil, fmt.Errorf("%s: %w", c.name, err)
				}
				if want == nil {
					want, b.rows = got, got.rows()
				}
				if wrong := got.differences(want); len(wrong) > 0 {
					return nil, fmt.Errorf("%s delivers other rows than %s:\n%s", c.name, b.contenders[0].name, strings.Join(wrong, "\n"))
				}
			}
			if err := os.RemoveAll(dir); err != nil {
				return nil, err
			}
		}
	}
	return measured, nil
}

// serve starts the shop. The function stop ends it.
func serve(ctx context.Context, program string, orders int) (address string, stop func(), err error) {
	cmd := exec.CommandContext(ctx, program, "-addr", "127.0.0.1:0", "-orders", fmt.Sprint(orders))
	log, err := cmd.StderrPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	lines := bufio.NewReader(log)
	line, err := lines.ReadString('\n')
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		_, _ = io.Copy(io.Discard, lines)
	}()
	stop = func() {
		_ = cmd.Process.Kill()
		<-drained
		_ = cmd.Wait()
	}
	_, rest, found := strings.Cut(line, "http://")
	if !found {
		stop()
		return "", nil, fmt.Errorf("the shop does not say its address: %q: %w", line, cmp.Or(err, fs.ErrInvalid))
	}
	return "http://" + strings.TrimRight(rest, "; try:\n"), stop, nil
}

// catalog is a configured catalog of Airbyte.
func catalog(tables ...string) string {
	var streams []string
	for _, name := range tables {
		streams = append(streams, fmt.Sprintf(`{"stream":{"name":%q,"json_schema":{},"supported_sync_modes":["full_refresh"]},`+
			`"sync_mode":"full_refresh","destination_sync_mode":"overwrite"}`, name))
	}
	return `{"streams":[` + strings.Join(streams, ",") + `]}`
}

// median returns the median of a value of the measurements.
func median[T cmp.Ordered](all []measurement, value func(measurement) T) T {
	var values []T
	for _, m := range all {
		values = append(values, value(m))
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// installedSize returns the size of a file, or of the files in a directory. Symbolic links are
// not followed: the interpreter does not count.
func installedSize(path string) (size int64, err error) {
	err = filepath.WalkDir(path, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			size += info.Size()
		}
		return err
	})
	return size, err
}
