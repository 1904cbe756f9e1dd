package host

import (
	"bytes"
	"errors"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestALogOnATerminalShowsControlSequencesOfASource(t *testing.T) {
	t.Setenv("NO_COLOR", "")
	const bad = "a\x1b]0;title\a b\u202e\u009b\x9b\r"
	for name, log := range map[string]func(*slog.Logger){
		"message":        func(l *slog.Logger) { l.Info(bad) },
		"value":          func(l *slog.Logger) { l.Info("m", "k", bad) },
		"key":            func(l *slog.Logger) { l.Info("m", bad, 1) },
		"escaped value":  func(l *slog.Logger) { l.Info("m", "k", `a \x1b]0;title\x07 b`) },
		"error":          func(l *slog.Logger) { l.Info("m", "k", errors.New(bad)) },
		"list":           func(l *slog.Logger) { l.Info("m", "k", []string{bad}) },
		"group":          func(l *slog.Logger) { l.WithGroup(bad).Info("m", slog.Group(bad, "k", bad)) },
		"earlier values": func(l *slog.Logger) { l.With("k", bad).Info("m") },
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			h, err := newLogHandler(&out, "", "text", true)
			require.NoError(t, err)
			log(slog.New(h))
			text := out.Bytes()
			assert.Contains(t, string(text), "title")
			assert.NotContains(t, string(text), "\x1b]")
			assert.NotContains(t, string(text), "\\\x1b")
			for _, c := range []string{"\a", "\r", "\u202e", "\u009b", "\x9b"} {
				assert.False(t, bytes.Contains(text, []byte(c)), "%q in %q", c, text)
			}
		})
	}
}

func TestALineOfALogOnATerminalCannotPassForAnother(t *testing.T) {
	var out bytes.Buffer
	h, err := newLogHandler(&out, "", "text", false)
	require.NoError(t, err)
	slog.New(h).Info("one\n12:00:00 ERR two", "k", "three\nfour")
	assert.Contains(t, out.String(), "one\n    12:00:00 ERR two")
	assert.Contains(t, out.String(), `three\nfour`)
	assert.Equal(t, 2, bytes.Count(out.Bytes(), []byte("\n")))
}
