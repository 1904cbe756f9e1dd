package format_test

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/transport/format"
)

// words is a Format whose records are words. When it is stopped, it returns an error, or
// reads on if it is stubborn.
type words struct{ stubborn bool }

func (words) Accept() string { return "text/plain" }

func (w words) Read(r io.Reader, _ int64, yield func(decode func(v any) error) bool) error {
	in := bufio.NewScanner(r)
	in.Split(bufio.ScanWords)
	for in.Scan() {
		more := yield(func(v any) error {
			if in.Text() == "bad" {
				return errors.New("the word is bad")
			}
			*v.(*string) = in.Text()
			return nil
		})
		if !more && !w.stubborn {
			return errors.New("stopped")
		}
	}
	return in.Err()
}

func TestALoopOverAFormatThatFailsOrReadsOnAfterItIsStoppedCanBeLeft(t *testing.T) {
	for _, f := range []format.Format{words{}, words{stubborn: true}} {
		var got []string
		for word, err := range format.Decode[string](strings.NewReader("a b c"), f) {
			assert.NoError(t, err)
			got = append(got, word)
			break
		}
		assert.Equal(t, []string{"a"}, got)
		got, err := decodeString[string]("a bad c", f)
		assert.ErrorContains(t, err, "decode record 2 as string: the word is bad")
		assert.Equal(t, []string{"a"}, got)
	}
}
