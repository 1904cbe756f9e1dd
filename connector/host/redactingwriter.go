package host

import "io"

// A redactingWriter masks secrets in text. It examines the text of each Write as a
// whole.
type redactingWriter struct {
	w        io.Writer
	redactor *redactor
}

func (w redactingWriter) Write(p []byte) (int, error) {
	clean := w.redactor.text(string(p))
	if _, err := io.WriteString(w.w, clean); err != nil {
		return 0, err
	}
	return len(p), nil
}
