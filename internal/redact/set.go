package redact

import (
	"slices"
	"strings"
	"sync"
)

// A Set is a set of secrets. It is immutable and safe for concurrent use. A nil Set has no
// secrets.
//
// A Set consists of layers, so that a secret can be added without work for those that the
// set has already. Each layer is at least twice as large as the next one.
type Set struct {
	older   *Set     // the other layers, or nil
	values  []string // of this layer
	first   int      // the number of values of the other layers
	secrets map[string]*secret
	words   []string // the secrets that are shorter than minText
	where   where    // all places in which a pattern is looked for

	// These are built when they are first needed: a run that has just obtained a token may
	// obtain others before it logs anything.
	index     func() *index
	data      func() *needles // the forms of secrets in data that may have escapes
	normal    func() *needles // the forms of secrets in the normal form of data
	unescaped func() *needles // the forms of secrets in data without escapes
}

// New returns a set of secrets. Empty values, and values that occur in [Mask], are ignored.
func New(values []string) *Set { return (*Set)(nil).With(values) }

// With returns a set of other secrets. It takes over the work that was done for the secrets
// that both sets have, so it is fast where one of many secrets has changed.
func (s *Set) With(values []string) *Set {
	if set := s.layer(nil, values); len(set.secrets)+len(set.words) > 0 {
		return set
	}
	return nil
}

// Add returns a set with further secrets. The time depends on their number and hardly on that
// of the secrets of the set.
func (s *Set) Add(values ...string) *Set {
	older, merged := s, [][]string{values}
	for size := len(values); older != nil && len(older.values) < 2*size; older = older.older {
		merged = append(merged, older.values)
		size += len(older.values)
	}
	slices.Reverse(merged)
	if set := s.layer(older, slices.Concat(merged...)); len(set.secrets)+len(set.words) > 0 {
		return set
	}
	return s
}

// layer returns a set with a new layer of values. It takes over the work that was done for
// them in s.
func (s *Set) layer(older *Set, values []string) *Set {
	set := &Set{older: older, values: slices.Clone(values), secrets: make(map[string]*secret, len(values))}
	if older != nil {
		set.first, set.where = older.first+len(older.values), older.where
	}
	var patterns []*indexed
	add := func(value string, number int) *secret {
		if set.secrets[value] != nil {
			return nil
		}
		known := s.compiled(value)
		set.secrets[value] = known
		for _, p := range known.patterns {
			patterns = append(patterns, &indexed{p, number})
			set.where |= p.where
		}
		return known
	}
	for i, value := range values {
		if strings.Contains(Mask, value) { // also if the value is empty
			continue
		}
		if len(value) < minText {
			if !slices.Contains(set.words, value) {
				set.words = append(set.words, value)
			}
			continue
		}
		if known := add(value, set.first+i); known != nil {
			for _, part := range known.parts {
				add(part, set.first+i)
			}
		}
	}
	set.index = sync.OnceValue(func() *index { return newIndex(patterns) })
	set.data = sync.OnceValue(func() *needles {
		var all [][]byte
		for _, known := range set.secrets {
			all = append(all, known.data...)
		}
		return newNeedles(all)
	})
	needlesOf := func(where where) func() *needles {
		return sync.OnceValue(func() *needles {
			var all [][]byte
			for _, p := range patterns {
				if p.data && p.where&where != 0 && len(p.text) >= minData {
					all = append(all, []byte(p.text))
				}
			}
			return newNeedles(all)
		})
	}
	set.normal, set.unescaped = needlesOf(inNormal), needlesOf(inUnescaped)
	return set
}

// compiled returns the secret with a value.
func (s *Set) compiled(value string) *secret {
	for layer := range s.layers {
		if known := layer.secrets[value]; known != nil {
			return known
		}
	}
	return newSecret(value)
}

// layers yields the layers of the set.
func (s *Set) layers(yield func(*Set) bool) {
	for layer := s; layer != nil; layer = layer.older {
		if !yield(layer) {
			return
		}
	}
}

// Equal reports whether the set was made of the values, in the same order, by New or With.
func (s *Set) Equal(values []string) bool {
	return s != nil && s.older == nil && slices.Equal(s.values, values)
}
