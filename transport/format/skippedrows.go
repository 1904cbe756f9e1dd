package format

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/penstock-sdk/penstock/internal/userwarning"
	"github.com/penstock-sdk/penstock/transport/internal/bodytext"
)

// skippedRows counts the rows that RaggedSkip has skipped.
type skippedRows struct {
	n     int
	first int // the line of the first one
}

// add counts a row.
func (s *skippedRows) add(line int) {
	if s.n == 0 {
		s.first = line
	}
	s.n++
}

// report warns the user of the platform of the rows that were skipped, and logs their
// number.
func (s *skippedRows) report(ctx context.Context, source bodytext.Source) {
	if s.n > 0 {
		userwarning.WarnTimes(ctx, "ragged rows", fmt.Sprintf("a row of a CSV text was skipped, because it has more or fewer cells than the header (line %d)", s.first), s.n)
		source.Report.Log().LogAttrs(ctx, slog.LevelWarn, "skipped rows with more or fewer cells than the header",
			slog.String("source", source.Report.Source), slog.Int("rows", s.n), slog.Int("first_line", s.first))
	}
}
