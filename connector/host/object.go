package host

import (
	"bytes"
	"os"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/penstock-sdk/penstock/connector"
)

// ReadObject reads a file that holds one JSON object, such as a configuration
// or a state. A UTF-8 byte-order mark and white space around it are left out.
// The error is of kind Configuration, names the file, and holds nothing of its
// content; for a file that does not exist, errors.Is finds fs.ErrNotExist.
func ReadObject(path string) ([]byte, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, &connector.Error{Kind: connector.Configuration, Err: err}
	}
	v := jsontext.Value(bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\uFEFF"))))
	if v.Kind() != '{' || !v.IsValid() {
		return nil, connector.Errorf(connector.Configuration, "file %s: it is not a JSON object", path)
	}
	return v, nil
}
