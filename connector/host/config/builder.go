package config

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/penstock-sdk/penstock/connector"
)

// A builder builds the tree of a connector's fields. It collects the mistakes
// in them, which the author of the connector must fix.
type builder struct {
	connector reflect.Type
	problems  []string
	stack     string // of the first panic
}

func (b *builder) report(goName, format string, args ...any) {
	b.problems = append(b.problems, goName+": "+fmt.Sprintf(format, args...))
}

// reportPanics reports panics in methods of a field's type.
func (b *builder) reportPanics(goName, prefix string, p *panics) {
	for _, text := range p.texts {
		b.report(goName, "%s%s", prefix, text)
	}
	b.stack = cmp.Or(b.stack, p.stack)
}

// err returns the problems as one error, or nil if there are none.
func (b *builder) err() error {
	if len(b.problems) == 0 {
		return nil
	}
	text := strings.Join(b.problems, "; ")
	if b.stack != "" {
		return &connector.Error{Kind: connector.Defect, Err: &panicError{text: text, stack: b.stack}}
	}
	return &connector.Error{Kind: connector.Defect, Err: errors.New(text)}
}
