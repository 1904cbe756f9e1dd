package host

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/lmittmann/tint"

	"github.com/penstock-sdk/penstock/internal/pasted"
)

// newLogHandler returns the log handler of a process. If the format is empty, it
// writes colored text to a terminal and JSON lines otherwise.
func newLogHandler(w io.Writer, level, format string, terminal bool) (slog.Handler, error) {
	lowest, err := parseLogLevel(level)
	if err != nil {
		return nil, err
	}
	switch format {
	case "":
		if !terminal {
			format = "json"
		}
	case "text", "json":
	default:
		return nil, fmt.Errorf("unknown log format %s; want text or json", pasted.Argument(format))
	}
	if format == "json" {
		return slog.NewJSONHandler(w, &slog.HandlerOptions{Level: lowest}), nil
	}
	return visibleHandler{tint.NewTextHandler(w, &tint.Options{
		Level:      lowest,
		TimeFormat: time.TimeOnly,
		NoColor:    !terminal || os.Getenv("NO_COLOR") != "",
	})}, nil
}

// parseLogLevel returns the level with a name. The level of an empty name is info.
func parseLogLevel(name string) (level slog.Level, err error) {
	if name == "" {
		return slog.LevelInfo, nil
	}
	if err := level.UnmarshalText([]byte(strings.ToUpper(name))); err != nil {
		return level, fmt.Errorf("unknown log level %s; want debug, info, warn or error", pasted.Argument(name))
	}
	return level, nil
}
