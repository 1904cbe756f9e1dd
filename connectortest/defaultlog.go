package connectortest

import (
	"log"
	"log/slog"
	"sync"
)

// defaultLoggers is held while the default loggers of slog and log are replaced. A
// process has only one of each.
var defaultLoggers sync.Mutex

// captureDefaultLog replaces the default loggers of slog and log. It returns what they
// log, until release is called. Meanwhile, further calls wait.
//
// Call it outside virtual time: a goroutine that waits for a lock there keeps the time
// from advancing, and one whose time has stopped never releases it.
func captureDefaultLog() (captured *logBuffer, release func()) {
	defaultLoggers.Lock()
	captured = &logBuffer{}
	oldSlog, oldWriter, oldFlags := slog.Default(), log.Writer(), log.Flags()
	slog.SetDefault(slog.New(slog.NewTextHandler(captured, &slog.HandlerOptions{Level: slog.LevelDebug})))
	return captured, func() {
		slog.SetDefault(oldSlog)
		log.SetOutput(oldWriter)
		log.SetFlags(oldFlags)
		defaultLoggers.Unlock()
	}
}
