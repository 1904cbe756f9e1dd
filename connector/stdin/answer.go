package stdin

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// A FailureError reports that the connector could not perform an action: it
// wrote a LOG line of level SEVERE instead of the answer.
type FailureError struct {
	// Message is the message of the line, which is for the platform's user.
	Message string
}

// Error returns the message.
func (e *FailureError) Error() string { return e.Message }

// Answer returns the answer to the action schema, spec or test, which is one line.
// The caller owns the slice.
//
// SECRETS lines may precede the answer. For each one, Answer calls replaced with
// the new values before it reads the next line. It returns an error from
// replaced unchanged. If replaced is nil, Answer ignores SECRETS lines.
//
// Answer reads to the end of the output, which usually is the end of the process.
// It returns a [*FailureError] if the connector reports that the action failed, an
// [*Error] for a line that does not follow the protocol, and an error that wraps
// [io.ErrUnexpectedEOF] if the output ends without an answer. If another line
// follows the answer, Answer returns both the answer and an [*Error]. After an
// error, the rest of the output has not been read.
func (r *Reader) Answer(replaced func(secrets map[string]string) error) ([]byte, error) {
	var answer []byte
	for {
		text, err := r.read()
		switch {
		case err == io.EOF && answer != nil:
			return answer, nil
		case err == io.EOF:
			return nil, fmt.Errorf("the output ends without an answer: %w", io.ErrUnexpectedEOF)
		case err == nil && len(bytes.TrimSpace(text)) == 0:
			continue
		}
		cut := errors.Is(err, ErrCut)
		if err != nil && !cut {
			return answer, err
		}
		if answer != nil {
			return answer, r.fault(errors.New("it follows the answer, which must be one line"), text)
		}
		typ, syntaxErr := r.parser.typeOf(text)
		if cut && (syntaxErr != nil || typ == "SECRETS") {
			return nil, err
		}
		if syntaxErr != nil {
			return nil, r.parseFault(syntaxErr, text)
		}
		switch typ {
		case "SECRETS", "LOG":
			if err := r.parser.parse(text, &r.line); err != nil {
				return nil, r.parseFault(err, text)
			}
			if err := r.precede(replaced); err != nil {
				return nil, err
			}
		case "RECORD", "STATE":
			return nil, r.parseFault(fmt.Errorf("it is a %s line, but no sync was requested", typ), text)
		default:
			answer = bytes.Clone(bytes.TrimSpace(text))
		}
	}
}

// precede handles a line that was read instead of the answer.
func (r *Reader) precede(replaced func(map[string]string) error) error {
	switch {
	case r.line.Kind == Log && r.line.Level == "SEVERE":
		return &FailureError{Message: r.line.Message}
	case r.line.Kind == Log:
		return &Error{Line: r.number, Text: r.line.Message, Err: fmt.Errorf("it is a LOG line of level %s; only SECRETS lines may precede the answer", r.line.Level)}
	case replaced == nil:
		return nil
	}
	return replaced(r.line.Secrets)
}
