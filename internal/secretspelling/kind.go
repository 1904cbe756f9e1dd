package secretspelling

import (
	"slices"
	"strings"
)

// A Kind is a made-up secret of a kind that people paste into a form.
type Kind struct {
	// Name says what the secret is, such as "a PEM key".
	Name string
	// Value is what the user enters.
	Value string
	// Parts are the parts of the value that must not be visible, each of which a
	// source may repeat alone: the password in the URL of a database, as it is
	// written there and as it reads, or the lines of a key. The rest of the value,
	// such as the name of a host, is not confidential. If Parts is empty, the whole
	// value is confidential.
	Parts []string
	// Fused reports that a source repeats the value only as a whole, because its parts
	// mean nothing without the rest.
	Fused bool
	// Inner is a text within the value that a source may repeat, and only parts of
	// which are confidential. Optional.
	Inner string
	// Other is another secret of the same configuration. Optional.
	Other string
}

// Kinds returns at least 40 kinds of secrets. The values are the same in each call.
func Kinds() []Kind {
	r := newGenerator()
	return slices.Concat(keys(r), passwords(r), pastedTexts(r), files(r), addresses(r), documents(r))
}

// Confidential returns the texts that must not be visible: the parts, or the value.
func (k *Kind) Confidential() []string {
	all := k.Parts
	if len(all) == 0 {
		all = []string{k.Value}
	}
	if k.Other != "" {
		all = append(slices.Clip(all), k.Other)
	}
	return all
}

// maxAlone is the number of parts that Texts returns.
const maxAlone = 3

// Texts returns the texts that a source may repeat: the value, and some of the parts
// alone.
func (k *Kind) Texts() []string {
	texts := []string{k.Value}
	alone := k.Parts
	if k.Fused {
		alone = nil
	}
	if n := len(alone); n > maxAlone {
		alone = []string{alone[0], alone[n/2], alone[n-1]}
	}
	for _, part := range append(slices.Clip(alone), k.Inner, k.Other) {
		if part != "" && !slices.Contains(texts, part) {
			texts = append(texts, part)
		}
	}
	return texts
}

// lines returns the lines of a text that hold the data of a key: not the first and the
// last one.
func lines(armored string) []string {
	all := strings.FieldsFunc(armored, func(r rune) bool { return r == '\n' || r == '\r' })
	return slices.DeleteFunc(all, func(line string) bool {
		return strings.HasPrefix(line, "-----") || strings.Contains(line, ": ")
	})
}
