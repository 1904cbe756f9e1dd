package config

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// list sets a slice or an array.
func (d *decoder) list(f *Field, v reflect.Value, in input) {
	items, ok := in.listItems()
	if !ok {
		d.report(in.path, "want a list: a JSON array or comma-separated words")
		return
	}
	list := reflect.New(v.Type()).Elem()
	if v.Kind() == reflect.Slice {
		list.Set(reflect.MakeSlice(v.Type(), len(items), len(items)))
	} else if len(items) != v.Len() {
		d.report(in.path, "want exactly %d items", v.Len())
		return
	}
	for i, item := range items {
		d.item(f.Items, list.Index(i), item, fmt.Sprintf("%s[%d]", in.path, i))
	}
	v.Set(list)
}

// listItems returns the items of a JSON array, of text that contains a JSON
// array, or of comma-separated words.
func (in input) listItems() (items []jsontext.Value, ok bool) {
	array := in.raw
	if in.isText() {
		text := strings.TrimSpace(in.text)
		if !strings.HasPrefix(text, "[") {
			return words(text), true
		}
		array = jsontext.Value(text)
	}
	var elements []json.RawMessage
	if array.Kind() != '[' || json.Unmarshal(array, &elements) != nil {
		return nil, false
	}
	for _, e := range elements {
		items = append(items, jsontext.Value(e))
	}
	return items, true
}

// words returns comma-separated words as JSON strings. Empty words are dropped.
func words(text string) []jsontext.Value {
	var quoted []jsontext.Value
	for word := range strings.SplitSeq(text, ",") {
		if word = strings.TrimSpace(word); word != "" {
			q, _ := jsontext.AppendQuote(nil, word) // it cannot fail: the text is valid UTF-8
			quoted = append(quoted, q)
		}
	}
	return quoted
}
