package host

import (
	"bytes"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/penstock-sdk/penstock/internal/redact"
)

// A redactingWriter masks secrets in text. It examines the text of each Write as a
// whole. A text that is one JSON value, such as a record of the log, remains one.
type redactingWriter struct {
	w        io.Writer
	redactor *redactor
}

func (w redactingWriter) Write(p []byte) (int, error) {
	clean := w.redactor.record(string(p))
	if _, err := io.WriteString(w.w, clean); err != nil {
		return 0, err
	}
	return len(p), nil
}

// record returns a text with the secrets in it masked. If it is one JSON value, so is the
// result, although a short secret may equal a number or a mark of the syntax. A secret of 8
// bytes or more that spans several tokens is masked in any case.
func (r *redactor) record(text string) string {
	clean := r.text(text)
	if clean == text || isJSON(clean) || !isJSON(text) {
		return clean
	}
	masked, err := r.tokens(text)
	if err != nil || r.inJSON(masked) { // a long secret that contains marks of the syntax
		return clean
	}
	if strings.HasSuffix(text, "\n") {
		masked = append(masked, '\n')
	}
	return string(masked)
}

func isJSON(text string) bool {
	return jsontext.Value(text).IsValid(jsontext.AllowDuplicateNames(true))
}

// tokens masks each token of a JSON value on its own, in the manner of text for people.
func (r *redactor) tokens(value string) ([]byte, error) {
	dec := jsontext.NewDecoder(strings.NewReader(value), jsontext.AllowDuplicateNames(true))
	var out bytes.Buffer
	enc := jsontext.NewEncoder(&out, jsontext.AllowDuplicateNames(true))
	for {
		token, err := dec.ReadToken()
		if err == io.EOF {
			return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
		}
		if err != nil {
			return nil, err
		}
		switch token.Kind() {
		case '"':
			token = jsontext.String(strings.ToValidUTF8(r.text(token.String()), "\uFFFD"))
		case '0', 't', 'f', 'n':
			if plain := token.String(); r.text(plain) != plain {
				token = jsontext.String(redact.Mask)
			}
		}
		if err := enc.WriteToken(token); err != nil {
			return nil, err
		}
	}
}
