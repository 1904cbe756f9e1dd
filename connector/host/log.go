package host

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/lmittmann/tint"
)

// newLogHandler returns the log handler of a process. If the format is empty, it
// writes colored text to a terminal and JSON lines otherwise.
func newLogHandler(w io.Writer, level, format string, terminal bool) (slog.Handler, error) {
	var lowest slog.Level
	if level != "" {
		if err := lowest.UnmarshalText([]byte(strings.ToUpper(level))); err != nil {
			return nil, fmt.Errorf("unknown log level %q; want debug, info, warn or error", level)
		}
	}
	switch format {
	case "":
		if !terminal {
			format = "json"
		}
	case "text", "json":
	default:
		return nil, fmt.Errorf("unknown log format %q; want text or json", format)
	}
	if format == "json" {
		return slog.NewJSONHandler(w, &slog.HandlerOptions{Level: lowest}), nil
	}
	return tint.NewTextHandler(w, &tint.Options{
		Level:      lowest,
		TimeFormat: time.TimeOnly,
		NoColor:    !terminal || os.Getenv("NO_COLOR") != "",
	}), nil
}
