package host

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"reflect"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/internal/pasted"
)

// ReadObject reads a file that contains one JSON object, such as a configuration
// or a state. It ignores a UTF-8 byte order mark and white space around the
// object. The error is of kind Configuration and contains no part of the content.
// It names the file and wraps fs.ErrNotExist as the error of [ReadFile] does. A
// file of more than 128 MiB is an error.
func ReadObject(path string) ([]byte, error) {
	v, err := readValue(path)
	if err == nil && v.Kind() != '{' {
		err = connector.Errorf(connector.Configuration, "file %s: not a JSON object", path)
	}
	if err != nil {
		return nil, err
	}
	return v, nil
}

// ReadJSON reads a file that contains one JSON value and stores it in v as
// json.Unmarshal does. Otherwise it behaves like [ReadObject]. It is also an
// error if the value does not fit v.
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
		return connector.Errorf(connector.Configuration, "file %s: unexpected structure; want %s with members of the documented types", path, want)
	}
	return nil
}

func readValue(path string) (jsontext.Value, error) {
	data, err := ReadFile(path)
	if err != nil {
		return nil, err
	}
	v := jsontext.Value(data)
	if len(v) == 0 {
		return nil, connector.Errorf(connector.Configuration, "file %s: not valid JSON, because it is empty", path)
	}
	if !v.IsValid() {
		return nil, connector.Errorf(connector.Configuration, "file %s: not valid JSON", path)
	}
	return v, nil
}

// maxFile is the maximum size in bytes of a file that a host reads. It has room for
// the largest state even if the platform escapes each of its characters.
const maxFile = 5*MaxState + 8<<20

// ReadFile reads a file that a platform has written, without a UTF-8 byte order mark
// and white space at its ends. Use it for files that [ReadObject] and [ReadJSON]
// reject: empty ones, and those with duplicate names in an object. The error is of kind
// Configuration, and names the file, unless the file does not exist and its name looks
// like a key or like JSON: a person may have typed a secret in its place. If the file
// does not exist, the error wraps fs.ErrNotExist. A file of more than 128 MiB is an
// error.
func ReadFile(path string) ([]byte, error) {
	data, err := readLimited(path)
	if err != nil {
		return nil, &connector.Error{Kind: connector.Configuration, Hint: "check the name of the file", Err: pasted.PathError(err)}
	}
	return bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\uFEFF"))), nil
}

// readLimited reads a file of at most maxFile bytes. The size of a pipe is not known.
func readLimited(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if info.Size() <= maxFile {
		b.Grow(int(info.Size()) + bytes.MinRead)
		_, err = b.ReadFrom(io.LimitReader(f, maxFile+1))
	}
	if info.Size() > maxFile || b.Len() > maxFile {
		return nil, fmt.Errorf("file %s: it is larger than %d MiB", path, maxFile>>20)
	}
	return b.Bytes(), err
}
