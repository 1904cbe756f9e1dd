package secretmatrix_test

import (
	"fmt"
	"hash/fnv"
	"regexp"
	"slices"
	"strconv"

	"github.com/penstock-sdk/penstock/internal/secretspelling"
)

// An echo is a text of a source that repeats a secret of the configuration in one
// spelling.
type echo struct {
	secretspelling.Spelling
	number  int
	secret  string // what is repeated: the secret or a part of it
	spelled string
}

// text returns the text of the source. It begins with the number of the echo, so that a
// leak can be traced to the spelling.
func (e *echo) text() string {
	if e.Last {
		return fmt.Sprintf("case-%d: the source said %s", e.number, e.spelled)
	}
	return fmt.Sprintf("case-%d: the source said %s (sic)", e.number, e.spelled)
}

// kinds returns the kinds of secrets that tests within this process use: a sixth of them, or
// all with the flag -long.
func kinds() []secretspelling.Kind {
	all := secretspelling.Kinds()
	if *long {
		return all
	}
	var sixth []secretspelling.Kind
	for i := 0; i < len(all); i += 6 {
		sixth = append(sixth, all[i])
	}
	return sixth
}

// echoesOf returns the echoes of a secret: each spelling of the value and of its parts
// that is not an exception.
func echoesOf(k *secretspelling.Kind) []*echo {
	var all []*echo
	for _, text := range k.Texts() {
		for _, s := range secretspelling.Spellings() {
			e := &echo{Spelling: s, number: len(all), secret: text, spelled: s.Spell(text)}
			if e.spelled != "" && !isException(e) {
				all = append(all, e)
			}
		}
	}
	return all
}

var caseNumber = regexp.MustCompile(`case-(\d+):`)

// responsible returns the echoes whose texts the finder finds in an output.
func responsible(f *secretspelling.Finder, output string, all []*echo) []*echo {
	var found []*echo
	marks := caseNumber.FindAllStringSubmatchIndex(output, -1)
	for i, at := range marks {
		end := len(output)
		if i+1 < len(marks) {
			end = marks[i+1][0]
		}
		n, err := strconv.Atoi(output[at[2]:at[3]])
		if err == nil && n < len(all) && !slices.Contains(found, all[n]) && f.Find(output[at[0]:end]) != "" {
			found = append(found, all[n])
		}
	}
	return found
}

// oneText returns the echoes that a single text can repeat. At most one of them has an end
// that is cut off, and it is the last one.
func oneText(all []*echo) []*echo {
	var text []*echo
	for _, e := range all {
		if !isExceptionWithin(e) {
			text = append(text, e)
		}
	}
	for _, e := range all {
		if isExceptionWithin(e) {
			return append(text, e)
		}
	}
	return text
}

// batches splits echoes into groups of at most size, each of which one error reports. An
// echo whose end is cut off is the last one of its group.
func batches(all []*echo, size int) [][]*echo {
	var groups [][]*echo
	for _, e := range all {
		if e.Last {
			groups = append(groups, []*echo{e})
		}
	}
	n := 0
	for _, e := range all {
		if e.Last {
			continue
		}
		for n < len(groups) && len(groups[n]) >= size {
			n++
		}
		if n == len(groups) {
			groups = append(groups, nil)
		}
		groups[n] = append([]*echo{e}, groups[n]...)
	}
	return groups
}

// some returns one of n elements, the same for the same names. With the flag -long, it
// returns one of part, another one for other names.
func some[T any](part int, all []T, names ...any) []T {
	if !*long || len(all) < part {
		return sampled(all, names...)
	}
	h := fnv.New32a()
	fmt.Fprint(h, names...)
	var chosen []T
	for i := int(h.Sum32()) % part; i < len(all); i += part {
		chosen = append(chosen, all[i])
	}
	return chosen
}

// sampled returns one of n elements, the same for the same names. With the flag -long,
// it returns all.
func sampled[T any](all []T, names ...any) []T {
	if *long || len(all) == 0 {
		return all
	}
	h := fnv.New32a()
	fmt.Fprint(h, names...)
	return all[int(h.Sum32())%len(all):][:1]
}
