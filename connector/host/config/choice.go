package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/invopop/jsonschema"
)

// checkChoice reports a choice that no configuration can make: one that the
// field can't hold, or holds in another spelling.
func (b *builder) checkChoice(f *Field, s *jsonschema.Schema, option, choice string) {
	if f.Kind == List {
		if f.Items == nil {
			return
		}
		if f, s = f.Items, s.Items; s == nil {
			s = &jsonschema.Schema{} // of a type that writes its own schema
		}
	}
	if n := slices.IndexFunc(s.Enum, func(c any) bool { return fmt.Sprint(c) == choice }); n >= 0 &&
		slices.ContainsFunc(s.Enum[n+1:], func(c any) bool { return fmt.Sprint(c) == choice }) {
		b.reportTag(f, option, "the choice is given twice")
	}
	if f.Kind == JSON || f.base == secretType {
		return
	}
	raw := jsontext.Value(choice)
	if jsonTypes[f.Kind] == "string" {
		raw, _ = jsontext.AppendQuote(nil, choice) // invalid UTF-8 is refused by the decoder
	}
	d := newDecoder(&panics{place: "a method that reads or writes the choice"})
	v := reflect.New(f.base).Elem()
	d.value(f, v, raw, "choice")
	if len(d.problems) > 0 {
		_, problem, _ := strings.Cut(d.problems[0].String(), ": ")
		b.reportTag(f, option, "the field can't hold it: %s", problem)
		return
	}
	held := d.instance().of(f, v, "choice")
	if len(d.panics.texts) > 0 {
		b.reportPanics(f.goName, fmt.Sprintf("jsonschema tag: %q: ", option), d.panics)
		return
	}
	if text, ok := held.(string); ok && text != choice {
		b.reportTag(f, option, "write it as the field does: enum=%s", text)
	}
}
