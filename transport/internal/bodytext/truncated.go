package bodytext

import (
	"errors"
	"fmt"
	"io"

	"github.com/penstock-sdk/penstock/transport/internal/sentinel"
)

// A truncatedError reports a text that ends within a character.
type truncatedError struct{ isUTF16 bool }

func (e *truncatedError) Error() string {
	return sentinel.ErrCut.Error() + ": it ends within a character"
}

// Unwrap returns the errors by which callers recognize truncated text.
func (e *truncatedError) Unwrap() []error { return []error{sentinel.ErrCut, io.ErrUnexpectedEOF} }

// IsTruncated reports whether an error is that of a text that ends within a character.
func IsTruncated(err error) bool {
	var truncated *truncatedError
	return errors.As(err, &truncated)
}

// Explain adds to the error of a text that ends within a character what to do if the
// text is complete. It returns other errors as they are. UTF-16 is recognized by more than
// its name, so that no other charset is likely.
func (s Source) Explain(err error) error {
	var truncated *truncatedError
	if err == nil || !errors.As(err, &truncated) || truncated.isUTF16 {
		return err
	}
	return fmt.Errorf("%w: if the text is complete, its charset is not %s: %s", err, s.nameOrUTF8(), s.Report.fix())
}

func (s Source) nameOrUTF8() string {
	if name := s.Name(); name != "" {
		return name
	}
	return "UTF-8"
}
