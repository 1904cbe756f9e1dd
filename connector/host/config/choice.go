package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/invopop/jsonschema"
)

// checkChoice reports a choice that no configuration can make, because the field
// cannot hold it or spells it differently, and a choice that is repeated.
func (b *builder) checkChoice(f *Field, s *jsonschema.Schema, option, choice string) {
	if f.Kind == List {
		if f.Items == nil {
			return
		}
		if f, s = f.Items, s.Items; s == nil {
			s = &jsonschema.Schema{} // the type writes its own schema
		}
	}
	if isRepeated(s.Enum, choice) {
		b.reportTag(f, option, "the choice is given twice")
	}
	if f.Kind != JSON && f.base != secretType {
		b.checkSpelling(f, option, choice)
	}
}

// isRepeated reports whether a choice occurs more than once.
func isRepeated(choices []any, choice string) bool {
	same := func(c any) bool { return fmt.Sprint(c) == choice }
	first := slices.IndexFunc(choices, same)
	return first >= 0 && slices.ContainsFunc(choices[first+1:], same)
}

// checkSpelling decodes a choice into a value of the field's type and encodes it
// again. It reports a choice that cannot be decoded or that comes back in another
// spelling.
func (b *builder) checkSpelling(f *Field, option, choice string) {
	raw := jsontext.Value(choice)
	if jsonTypes[f.Kind] == "string" {
		raw, _ = jsontext.AppendQuote(nil, choice) // the decoder rejects invalid UTF-8
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
