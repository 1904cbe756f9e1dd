package gunzip

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport/internal/sentinel"
)

func compress(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return b.String()
}

func read(file string) (string, error) {
	r, err := NewReader(bufio.NewReader(strings.NewReader(file)))
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(r)
	return string(text), err
}

func TestMembersAndPaddingAreReadUpToALimit(t *testing.T) {
	text, err := read(compress("a") + strings.Repeat(compress(""), maxEmptyMembers-1) + strings.Repeat("\x00", 1<<20) + compress("b"))
	require.NoError(t, err)
	assert.Equal(t, "ab", text)
	_, err = read(compress("a") + strings.Repeat(compress(""), maxEmptyMembers+1))
	assert.ErrorIs(t, err, sentinel.ErrTooLarge)
	_, err = read(compress("a") + strings.Repeat("\x00", maxPadding+2))
	assert.ErrorIs(t, err, sentinel.ErrTooLarge)
}

func TestATextThatExpandsTwiceIsRefused(t *testing.T) {
	inner := compress(strings.Repeat("text ", 1000))
	for text, ok := range map[string]bool{inner: true, strings.Repeat(inner, 2*maxOuterText/len(inner)): false} {
		file := compress(text)
		r, err := NewReader(bufio.NewReader(strings.NewReader(file)))
		require.NoError(t, err)
		_, err = io.ReadAll(Outer(r, &Counter{N: int64(len(file))}))
		if ok {
			assert.NoError(t, err)
		} else {
			assert.ErrorIs(t, err, sentinel.ErrTooLarge)
		}
	}
}

// FuzzReader reads any bytes. The text of a valid file is the one that package gzip reads.
func FuzzReader(f *testing.F) {
	for _, file := range []string{compress(""), compress("text"), compress("a") + compress("b"), compress("a") + "\x00\x00", compress("a") + "x", "\x1f\x8b", ""} {
		f.Add([]byte(file))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		got, errGot := read(string(file))
		r, err := gzip.NewReader(bytes.NewReader(file))
		if err != nil {
			return
		}
		want, err := io.ReadAll(r)
		if err == nil && (errGot != nil && len(file) < 20*maxEmptyMembers || got != string(want) && errGot == nil) {
			t.Fatalf("%x: %q, %v, want %q", file, got, errGot, want)
		}
	})
}
