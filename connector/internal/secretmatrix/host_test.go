package secretmatrix_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/airbyte"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/singer"
	"github.com/penstock-sdk/penstock/connector/stdin"
)

// An action is a request of a platform.
type action string

const (
	sync    action = "sync"
	test    action = "test"
	tables  action = "schema"
	specify action = "spec"
)

// A request is what a platform sends.
type request struct {
	action        action
	configuration []byte
	dir           string // for files
}

// A hostUnderTest serves one request in process. It writes to out what reaches the platform, in
// lines, and returns the error of the host.
type hostUnderTest struct {
	name  string
	serve func(ctx context.Context, c connector.Connector, r request, out *bytes.Buffer, opts ...host.Option) error
}

var hosts = []hostUnderTest{
	{"host.Run", serveRun},
	{"stdin", func(ctx context.Context, c connector.Connector, r request, out *bytes.Buffer, opts ...host.Option) error {
		line := fmt.Sprintf(`{"secrets":%s,"selection":{"action":%q}}`, r.configuration, r.action)
		return stdin.Serve(ctx, c, strings.NewReader(line), out, opts...)
	}},
	{"airbyte", func(ctx context.Context, c connector.Connector, r request, out *bytes.Buffer, opts ...host.Option) error {
		config := filepath.Join(r.dir, "config.json")
		args := map[action][]string{
			sync: {"read", "--catalog", filepath.Join(r.dir, "catalog.json"), "--config", config}, test: {"check", "--config", config},
			tables: {"discover", "--config", config}, specify: {"spec"},
		}[r.action]
		err := errors.Join(os.WriteFile(config, r.configuration, 0o600), os.WriteFile(filepath.Join(r.dir, "catalog.json"), []byte(catalog), 0o600))
		if err != nil {
			return err
		}
		return airbyte.Serve(ctx, c, args, out, opts...)
	}},
	{"singer", func(ctx context.Context, c connector.Connector, r request, out *bytes.Buffer, opts ...host.Option) error {
		config := filepath.Join(r.dir, "config.json")
		args := map[action][]string{sync: nil, test: {"--test"}, tables: {"--discover"}, specify: {"--about", "--format", "json"}}[r.action]
		if err := os.WriteFile(config, r.configuration, 0o600); err != nil {
			return err
		}
		return singer.Serve(ctx, c, append(args, "--config", config), out, opts...)
	}},
}

// catalog is the configured catalog of a leaky connector.
const catalog = `{"streams":[
	{"stream":{"name":"orders","json_schema":{"properties":{"id":{},"note":{},"more":{},"data":{},"undeclared":{}}}},"sync_mode":"incremental","destination_sync_mode":"append_dedup"},
	{"stream":{"name":"notes","json_schema":{"properties":{"text":{},"n":{}}}},"sync_mode":"incremental","destination_sync_mode":"append_dedup"}]}`

// serveRun is a host that writes everything that a run hands to it.
func serveRun(ctx context.Context, c connector.Connector, r request, out *bytes.Buffer, opts ...host.Option) (err error) {
	run := host.New(ctx, c, opts...)
	defer func() {
		err = errors.Join(err, run.Close())
		fmt.Fprintln(out, run.Explain(err))
		err = run.Classify(err)
	}()
	if err := run.Configure(r.configuration); err != nil {
		return err
	}
	switch r.action {
	case test:
		return run.Test()
	case tables:
		found, err := run.Schema()
		if err == nil {
			for _, t := range found.Tables() {
				text, _ := json.Marshal(t)
				fmt.Fprintf(out, "%s\n", text)
			}
		}
		return err
	case specify:
		form, err := run.Form()
		if err == nil {
			spec, specErr := form.Spec()
			fmt.Fprintf(out, "%s\n", spec)
			err = specErr
		}
		return err
	}
	return run.Sync(host.SyncRequest{}, host.DestinationFunc(func(op *host.Operation) error {
		switch op.Kind {
		case host.OpCheckpoint:
			fmt.Fprintf(out, "%s%s\n", stateLine, op.State)
			for _, part := range op.Parts() {
				fmt.Fprintf(out, "%s%s\n", stateLine, part.State)
			}
		case host.OpWarning:
			fmt.Fprintln(out, op.Message)
		case host.OpTableEnd:
			fmt.Fprintf(out, "%v %v\n", op.Table, op.Err)
			if op.Err != nil {
				for _, text := range textsOf(op.Err) {
					fmt.Fprintln(out, text)
				}
			}
		case host.OpSchemaChange:
			text, _ := json.Marshal(op.Table)
			fmt.Fprintf(out, "%s\n", text)
		default:
			fmt.Fprintf(out, "%s%s\n", rowLine, op.Row)
		}
		return nil
	}))
}

const (
	rowLine   = "row: "
	stateLine = "state: "
)

// isData reports whether a line of a host is a row or a state.
func isData(line string) bool {
	for _, start := range []string{rowLine, stateLine, `{"type":"RECORD"`, `{"type":"STATE"`} {
		if strings.HasPrefix(line, start) {
			return true
		}
	}
	return false
}

// An output is one text that has left the process.
type output struct {
	where string
	text  string
	data  bool // a row or a state
}

// serve runs a request and returns everything that leaves the run, and the host's error.
func (h *hostUnderTest) outputs(ctx context.Context, s *script, r request) ([]output, error) {
	var out, logJSON, logText bytes.Buffer
	level := &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: withoutTime}
	log := slog.NewMultiHandler(slog.NewJSONHandler(&logJSON, level), slog.NewTextHandler(&logText, level))
	err := h.serve(ctx, &leaky{script: s}, r, &out, host.LogTo(log), host.ProgressEvery(0), host.CheckpointEvery(0, 0))
	var all []output
	add := func(where, text string) {
		for line := range strings.Lines(text) {
			line = strings.TrimSuffix(line, "\n")
			if isData(line) {
				all = append(all, output{where + ", data", line, true})
			} else {
				all = append(all, output{where, line, false})
			}
		}
	}
	add("answer", out.String())
	add("log", logJSON.String())
	add("log as text", logText.String())
	if err != nil {
		for _, text := range textsOf(err) {
			all = append(all, output{where: "error", text: text})
		}
	}
	return all, err
}

// withoutTime removes the time of a record, so that equal records make equal lines.
func withoutTime(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}
