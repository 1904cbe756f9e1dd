package host_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/internal/redact"
	"github.com/penstock-sdk/penstock/state"
)

// Values whose method panics or fails with their text.
type (
	panickingError    struct{ text string }
	panickingString   struct{ text string }
	panickingJSON     struct{ text string }
	panickingText     struct{ text string }
	panickingLogValue struct{ text string }
	failingJSON       struct{ text string }
	failingText       struct{ text string }
	safeString        struct{ text string } // only its MarshalText returns the text
)

func (v panickingError) Error() string               { panic("in Error: " + v.text) }
func (v panickingString) String() string             { panic("in String: " + v.text) }
func (v panickingJSON) MarshalJSON() ([]byte, error) { panic("in MarshalJSON: " + v.text) }
func (v panickingJSON) String() string               { return "shown" }
func (v panickingText) MarshalText() ([]byte, error) { panic(errors.New("in MarshalText: " + v.text)) }
func (v panickingText) String() string               { return "shown" }
func (v panickingLogValue) LogValue() slog.Value     { panic("in LogValue: " + v.text) }
func (v failingJSON) MarshalJSON() ([]byte, error)   { return nil, errors.New("no JSON: " + v.text) }
func (v failingJSON) String() string                 { return "shown" }
func (v failingText) MarshalText() ([]byte, error)   { return nil, errors.New("no text: " + v.text) }
func (v failingText) String() string                 { return "shown" }
func (v safeString) MarshalText() ([]byte, error)    { return []byte("marshaled " + v.text), nil }
func (v safeString) MarshalJSON() ([]byte, error)    { return []byte(`"shown"`), nil }
func (v safeString) String() string                  { return "shown" }

var valuesWithMethods = map[string]func(text string) any{
	"Error panics":           func(text string) any { return panickingError{text} },
	"a wrapped Error panics": func(text string) any { return fmt.Errorf("wrapped: %w", panickingError{text}) },
	"String panics":          func(text string) any { return panickingString{text} },
	"MarshalJSON panics":     func(text string) any { return panickingJSON{text} },
	"MarshalText panics":     func(text string) any { return panickingText{text} },
	"LogValue panics":        func(text string) any { return panickingLogValue{text} },
	"MarshalJSON fails":      func(text string) any { return failingJSON{text} },
	"MarshalText fails":      func(text string) any { return failingText{text} },
	"MarshalText":            func(text string) any { return safeString{text} },
	"a nil error":            func(string) any { return (*panickingError)(nil) },
	"a nil String":           func(string) any { return (*panickingString)(nil) },
	"a nil MarshalJSON":      func(string) any { return (*panickingJSON)(nil) },
	"a nil MarshalText":      func(string) any { return (*panickingText)(nil) },
	"a nil LogValue":         func(string) any { return (*panickingLogValue)(nil) },
}

var logHandlers = map[string]func(io.Writer) slog.Handler{
	"JSON": func(w io.Writer) slog.Handler { return slog.NewJSONHandler(w, withoutTime) },
	"text": func(w io.Writer) slog.Handler { return slog.NewTextHandler(w, withoutTime) },
}

var withoutTime = &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}}

// syncAndLog runs a sync that logs a value in two ways, and whose configuration has the secret
// escapable. It returns the log of these records.
func syncAndLog(t *testing.T, handler func(io.Writer) slog.Handler, value any) string {
	t.Helper()
	var log bytes.Buffer
	var own string
	c := &fixture.Shop{APIKey: escapable, OnSync: func(ctx context.Context, _ state.State, _ connector.Emitter) error {
		log.Reset()
		connector.Logger(ctx).Info("record", "value", value)
		connector.Logger(ctx).With("value", value).Info("attribute")
		own = log.String()
		return nil
	}}
	run := host.New(t.Context(), c, host.LogTo(handler(&log)))
	require.NoError(t, run.Sync(host.SyncRequest{}, host.DestinationFunc(func(*host.Operation) error { return nil })))
	require.NoError(t, run.Close())
	return own
}

func TestAValueWhoseMethodPanicsIsLoggedAsPackageSlogLogsIt(t *testing.T) {
	for format, handler := range logHandlers {
		for name, value := range valuesWithMethods {
			t.Run(format+"/"+name, func(t *testing.T) {
				if name == "LogValue panics" || name == "a nil LogValue" {
					assert.Contains(t, syncAndLog(t, handler, value("some text")), "LogValue panicked")
					return // with the stack, which differs
				}
				if name == "Error panics" { // an error is text to all handlers
					assert.Contains(t, syncAndLog(t, handler, value("some text")), "!PANIC: in Error: some text")
					return
				}
				var plain bytes.Buffer
				slog.New(handler(&plain)).Info("record", "value", value("some text"))
				slog.New(handler(&plain)).With("value", value("some text")).Info("attribute")
				assert.Equal(t, plain.String(), syncAndLog(t, handler, value("some text")))
			})
		}
	}
}

func TestASecretIsMaskedInAValueWhoseMethodPanicsOrFails(t *testing.T) {
	secret := redact.New([]string{escapable})
	for format, handler := range logHandlers {
		for name, value := range valuesWithMethods {
			t.Run(format+"/"+name, func(t *testing.T) {
				log := syncAndLog(t, handler, value(escapable))
				assert.Equal(t, log, secret.Text(log))
			})
		}
	}
}
