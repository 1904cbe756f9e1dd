package host_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A Tide is a row of the table tides. Its fields are the columns.
type Tide struct {
	Hour  int64   `json:"hour" schema:"primary_key"`
	Level float64 `json:"level"`
}

// Harbour is a connector. Its source is a formula.
type Harbour struct {
	Token connector.Secret `json:"token" jsonschema:"title=Token"`
}

func (*Harbour) Schema(context.Context) (schema.Schema, error) {
	return schema.New("harbour", schema.TableOf[Tide]("tides"))
}

func (*Harbour) Test(context.Context) error { return nil }

func (*Harbour) Sync(_ context.Context, st state.State, out connector.Emitter) error {
	cursor := state.NewCursor[int64](st, "tides", state.Sorted())
	for hour := cursor.Start(); hour < 3; hour++ {
		if err := out.Upsert("tides", Tide{hour, float64(hour) * 0.5}); err != nil {
			return err
		}
		cursor.Advance(hour)
	}
	return nil
}

// A sheet is the destination of a platform that reads lines of text with tabs.
type sheet struct{ w io.Writer }

func (s sheet) Write(op *host.Operation) error {
	var err error
	switch op.Kind {
	case host.OpUpsert, host.OpUpdate, host.OpDelete:
		_, err = fmt.Fprintf(s.w, "%v\t%v\t%s\n", op.Kind, op.Table, op.Row)
	case host.OpTruncate, host.OpTableBegin:
		_, err = fmt.Fprintf(s.w, "%v\t%v\n", op.Kind, op.Table)
	case host.OpTableEnd:
		if op.Err != nil {
			_, err = fmt.Fprintf(s.w, "failed\t%v\t%v\n", op.Table, op.Err)
		}
	case host.OpCheckpoint:
		_, err = fmt.Fprintf(s.w, "state\t%s\n", op.State)
	case host.OpWarning:
		_, err = fmt.Fprintf(s.w, "warning\t%s\n", op.Message)
	}
	return err
}

// serveSheet is a whole host for that platform.
func serveSheet(ctx context.Context, c connector.Connector, configuration, lastState string, w io.Writer) error {
	run := host.New(ctx, c, host.LogTo(slog.DiscardHandler))
	err := run.Configure([]byte(configuration))
	if err == nil {
		err = run.Sync(host.SyncRequest{State: []byte(lastState)}, sheet{w})
	}
	if err = errors.Join(err, run.Close()); err != nil {
		fmt.Fprintf(w, "error\t%s\n", run.Explain(err))
	}
	return err
}

// A host runs a sync and writes its operations in the format of the platform. The
// second sync fails because the configuration is not valid.
func Example() {
	_ = serveSheet(context.Background(), &Harbour{}, `{"token":"t"}`, `{"tides":{"cursor":1}}`, os.Stdout)
	_ = serveSheet(context.Background(), &Harbour{}, `{}`, ``, os.Stdout)
	// Output:
	// table begin	harbour.tides
	// upsert	harbour.tides	{"hour":1,"level":0.5}
	// upsert	harbour.tides	{"hour":2,"level":1}
	// state	{"tides":{"cursor":2}}
	// error	token: is required; check the configuration
}

// A user selects one table of a schema without one of its columns. Tables that are
// added later are not selected.
func ExampleSelection() {
	selection := host.Selection{Schemas: map[string]host.SchemaSelection{
		"harbour": {OnlyNamed: true, Tables: map[string]host.TableSelection{
			"tides": {Columns: map[string]bool{"level": false}},
		}},
	}}
	fmt.Println(selection.WantsTable("harbour", "tides"), selection.WantsTable("harbour", "ships"))
	fmt.Println(selection.WantsColumn("harbour", "tides", "hour"), selection.WantsColumn("harbour", "tides", "level"))
	// Output:
	// true false
	// true false
}

// A platform that can accept two rows ends the sync early and successfully.
func ExampleRun_Sync_enough() {
	run := host.New(context.Background(), &Harbour{}, host.LogTo(slog.DiscardHandler))
	defer run.Close()
	room := 2
	err := run.Sync(host.SyncRequest{}, host.DestinationFunc(func(op *host.Operation) error {
		switch op.Kind {
		case host.OpUpsert:
			fmt.Println(string(op.Row))
			if room--; room == 0 {
				return host.ErrEnough
			}
		case host.OpCheckpoint:
			fmt.Println("state", string(op.State))
		}
		return nil
	}))
	fmt.Println("error:", err)
	// Output:
	// {"hour":0,"level":0}
	// {"hour":1,"level":0.5}
	// state {}
	// error: <nil>
}

// Watch is a connector for a source without an end.
type Watch struct{}

func (*Watch) Schema(context.Context) (schema.Schema, error) {
	return schema.New("watch", schema.Table{Name: "events"})
}

func (*Watch) Test(context.Context) error { return nil }

func (*Watch) Sync(ctx context.Context, _ state.State, _ connector.Emitter) error {
	<-ctx.Done() // a real connector delivers events and makes checkpoints until then
	fmt.Println("Sync:", context.Cause(ctx))
	return context.Cause(ctx)
}

// A time budget ends the sync of a source without an end. The sync succeeds.
func ExampleTimeBudget() {
	run := host.New(context.Background(), &Watch{}, host.TimeBudget(10*time.Millisecond), host.LogTo(slog.DiscardHandler))
	defer run.Close()
	err := run.Sync(host.SyncRequest{}, host.DestinationFunc(func(*host.Operation) error { return nil }))
	fmt.Println("run:", err)
	// Output:
	// Sync: the time budget of 10ms is used up
	// run: <nil>
}

// A platform that stores one state per table stores the parts of a checkpoint. It
// joins them before the next sync, in any order.
func ExampleOperation_Parts() {
	kept := map[string][]byte{}
	sync := func() {
		run := host.New(context.Background(), &Harbour{}, host.LogTo(slog.DiscardHandler))
		defer run.Close()
		lastState, err := run.JoinState(slices.Collect(maps.Values(kept))...)
		if err != nil {
			fmt.Println(run.Explain(err))
			return
		}
		rows := 0
		err = run.Sync(host.SyncRequest{State: lastState}, host.DestinationFunc(func(op *host.Operation) error {
			switch op.Kind {
			case host.OpUpsert:
				rows++
			case host.OpCheckpoint:
				for _, part := range op.Parts() {
					name := "shared"
					if part.Table != nil {
						name = part.Table.String()
					}
					if part.Changed {
						kept[name] = slices.Clone(part.State)
					}
				}
			}
			return nil
		}))
		fmt.Println(rows, string(kept["harbour.tides"]), err)
	}
	sync()
	sync()
	// Output:
	// 3 {"tides":{"cursor":2}} <nil>
	// 1 {"tides":{"cursor":2}} <nil>
}

// The package of a wire exports the result of With as Host, and a program adds it by
// penstock.Main(c, Host). This wire has two commands, and its responses are lines.
func ExampleWith() {
	option := host.With(host.Wire{
		Name:     "sheet",
		Summary:  "write lines with tabs",
		Prefix:   "sheet-",
		Accepts:  func(args []string) bool { return args[0] == "fields" || args[0] == "read" },
		Deadline: 5 * time.Second,
		Serve:    serveSheetProcess,
	})
	fmt.Printf("%T\n", option)
	// Output: host.Option
}

func serveSheetProcess(p *host.Process) int {
	if len(p.Args) != 2 {
		return p.UsageError(errors.New("want fields or read, and the name of a file"))
	}
	log, err := p.NewLog("", "")
	if err != nil {
		return p.UsageError(err)
	}
	lines, run := p.NewLineWriter(), p.NewRun(log)
	err = serveSheetCommand(run, p.Args[0], p.Args[1], lines)
	if run.Finish(err, lines, func(_ error, explanation string) error { return lines.Line("error\t", []byte(explanation), "") }) != nil {
		return 1
	}
	return 0
}

func serveSheetCommand(run *host.Run, command, path string, lines *host.LineWriter) error {
	configuration, err := host.ReadObject(path)
	if err != nil {
		return err
	}
	if err := run.Configure(configuration); err != nil {
		return err
	}
	if command == "fields" {
		form, err := run.Form()
		if err != nil {
			return err
		}
		for name, field := range form.Walk() {
			if err := lines.Line(name, nil, "\t"+field.Kind.String()); err != nil {
				return err
			}
		}
		return nil
	}
	return run.Sync(host.SyncRequest{}, host.DestinationFunc(func(op *host.Operation) error {
		if op.Kind == host.OpUpsert {
			return lines.Line(op.Table.String()+"\t", op.Row, "")
		}
		return nil
	}))
}

// A command may precede or follow the flags.
func ExampleParseCommand() {
	for _, args := range [][]string{{"read", "--config", "c.json"}, {"--config=c.json", "read"}, {"read", "again"}} {
		set := host.NewFlagSet()
		config := set.String("config", "", "")
		command, err := host.ParseCommand(set, args)
		fmt.Println(command, *config, err)
	}
	// Output:
	// read c.json <nil>
	// read c.json <nil>
	//   unexpected argument "again" after the command "read"
}
