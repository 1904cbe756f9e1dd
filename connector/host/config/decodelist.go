package config

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// list sets a slice or an array from a JSON array, or from text that holds one
// or words between commas.
func (d *decoder) list(f *Field, v reflect.Value, raw jsontext.Value, text, path string) {
	items := []jsontext.Value{}
	text = strings.TrimSpace(text)
	switch {
	case raw.Kind() == '"' && !strings.HasPrefix(text, "["):
		for word := range strings.SplitSeq(text, ",") {
			if word = strings.TrimSpace(word); word != "" {
				quoted, _ := jsontext.AppendQuote(nil, word) // valid UTF-8
				items = append(items, quoted)
			}
		}
	case raw.Kind() == '"':
		raw = jsontext.Value(text)
		fallthrough
	default:
		var elements []json.RawMessage
		if raw.Kind() != '[' || json.Unmarshal(raw, &elements) != nil {
			d.report(path, "want a list: a JSON array, or words between commas")
			return
		}
		for _, e := range elements {
			items = append(items, jsontext.Value(e))
		}
	}
	list := reflect.New(v.Type()).Elem()
	if v.Kind() == reflect.Slice {
		list.Set(reflect.MakeSlice(v.Type(), len(items), len(items)))
	} else if len(items) != v.Len() {
		d.report(path, "want exactly %d items", v.Len())
		return
	}
	for i, item := range items {
		d.item(f.Items, list.Index(i), item, fmt.Sprintf("%s[%d]", path, i))
	}
	v.Set(list)
}
