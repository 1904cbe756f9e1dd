// Package lazyregexp compiles regular expressions when they are first used. A package that
// is linked into every connector would otherwise compile its expressions at each start,
// although most runs need none of them.
package lazyregexp

import (
	"regexp"
	"sync"
)

// New returns a function that returns the compiled expression. It panics at its first call
// if the expression is not valid. It is safe for concurrent use.
func New(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
