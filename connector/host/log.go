package connector

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/lmittmann/tint"
)

// The environment variables that set the log of a binary where no flag does.
const (
	envLogLevel  = "PENSTOCK_LOG_LEVEL"
	envLogFormat = "PENSTOCK_LOG_FORMAT"
)

// logHandler returns the log of a binary: coloured text for a person, JSON
// lines for a program.
func logHandler(w io.Writer, level, format string, terminal bool) (slog.Handler, error) {
	var least slog.Level
	if level != "" {
		if err := least.UnmarshalText([]byte(strings.ToUpper(level))); err != nil {
			return nil, fmt.Errorf("log level %q is unknown; want debug, info, warn or error", level)
		}
	}
	switch format {
	case "":
		if !terminal {
			format = "json"
		}
	case "text", "json":
	default:
		return nil, fmt.Errorf("log format %q is unknown; want text or json", format)
	}
	if format == "json" {
		return slog.NewJSONHandler(w, &slog.HandlerOptions{Level: least}), nil
	}
	return tint.NewTextHandler(w, &tint.Options{
		Level:      least,
		TimeFormat: time.TimeOnly,
		NoColor:    !terminal || os.Getenv("NO_COLOR") != "",
	}), nil
}
