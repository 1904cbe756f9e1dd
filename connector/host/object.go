package host

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/penstock-sdk/penstock/connector"
)

// ReadObject reads a file that holds one JSON object, such as a configuration
// or a state. A UTF-8 byte-order mark and white space around it are left out.
// The error is of kind Configuration, names the file, and holds nothing of its
// content; for a file that does not exist, errors.Is finds fs.ErrNotExist.
func ReadObject(path string) ([]byte, error) {
	v, err := readValue(path)
	if err == nil && v.Kind() != '{' {
		err = connector.Errorf(connector.Configuration, "file %s: it is not a JSON object", path)
	}
	if err != nil {
		return nil, err
	}
	return v, nil
}

// ReadJSON reads a file that holds one JSON value into v, as json.Unmarshal does,
// under the conditions of [ReadObject]. A value of another type than v's is an
// error, too.
func ReadJSON(path string, v any) error {
	value, err := readValue(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(value, v); err != nil {
		want := "an object"
		if t := reflect.TypeOf(v); t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Slice {
			want = "a list"
		}
		return connector.Errorf(connector.Configuration, "file %s: it does not have the form that is wanted, %s with certain members", path, want)
	}
	return nil
}

func readValue(path string) (jsontext.Value, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, &connector.Error{Kind: connector.Configuration, Err: err}
	}
	v := jsontext.Value(bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\uFEFF"))))
	if !v.IsValid() {
		return nil, connector.Errorf(connector.Configuration, "file %s: it is not valid JSON", path)
	}
	return v, nil
}
