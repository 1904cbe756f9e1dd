package format

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// skipAll skips the only value of a text.
func skipAll(r io.Reader) error {
	j := newJSONReader(r, nil)
	if err := j.skipValue(); err != nil {
		return textError(err)
	}
	return textError(j.finish())
}

func TestTheSyntaxOfSkippedTextIsChecked(t *testing.T) {
	for text, want := range map[string]error{
		`{"a":[1,-2.5e+3,"x\u00e9\n",true,false,null,{},[]]}`: nil, ` 1 `: nil, `-0`: nil, `""`: nil,
		`{"a":1,}`: ErrNotJSON, `[1,]`: ErrNotJSON, `[1 2]`: ErrNotJSON, `{"a" 1}`: ErrNotJSON, `{a:1}`: ErrNotJSON, `{"a":1]`: ErrNotJSON, `[}`: ErrNotJSON,
		`01`: ErrNotJSON, `1.`: ErrCut, `1.x`: ErrNotJSON, `-`: ErrCut, `-x`: ErrNotJSON, `1e`: ErrCut, `1e+`: ErrCut, `1e+x`: ErrNotJSON, `.5`: ErrNotJSON, `+1`: ErrNotJSON,
		`tru`: ErrCut, `trux`: ErrNotJSON, `truex`: ErrNotJSON, `NaN`: ErrNotJSON, `"\x"`: ErrNotJSON, `"\u00g0"`: ErrNotJSON, "\"\n\"": ErrNotJSON,
		`"`: ErrCut, `"\`: ErrCut, `"\u00`: ErrCut, `[`: ErrCut, `{"a"`: ErrCut, `{"a":`: ErrCut, `[1`: ErrCut, ``: ErrCut, `[[`: ErrCut, `1 1`: ErrNotJSON, `<`: ErrNotJSON,
		strings.Repeat("[", maxJSONDepth) + strings.Repeat("]", maxJSONDepth):     nil,
		strings.Repeat("[", maxJSONDepth+1) + strings.Repeat("]", maxJSONDepth+1): ErrTooLarge,
	} {
		for _, r := range []io.Reader{strings.NewReader(text), iotest.OneByteReader(strings.NewReader(text)), iotest.DataErrReader(strings.NewReader(text))} {
			if err := skipAll(r); want == nil {
				assert.NoError(t, err, text)
			} else {
				assert.ErrorIs(t, err, want, "%.20s", text)
			}
		}
	}
}

func TestANameThatIsLongerThanTheLimitIsNotKept(t *testing.T) {
	for name, want := range map[string]string{`abc`: `"abc"`, `abcdef`: `"abcdef"`, `abcdefg`: ``, `\u0041`: `"\u0041"`, `\n\n\n\n`: ``, strings.Repeat("x", 2*jsonBufferSize): ``} {
		for _, wrap := range []func(io.Reader) io.Reader{iotest.OneByteReader, func(r io.Reader) io.Reader { return r }} {
			got, err := newJSONReader(wrap(strings.NewReader(`"`+name+`":1`)), nil).name(8)
			require.NoError(t, err)
			assert.Equal(t, want, string(got))
		}
	}
}

func TestAnErrorOfTheReaderIsReturned(t *testing.T) {
	broken := errors.New("broken")
	for _, text := range []string{``, ` `, `{`, `{"a"`, `{"a":`, `{"data":[`, `{"data":[1`, `{"data":[{"id":"x`, `{"data":[1,`, `{"data":[1]`, `{"data":[1],"x":"y`, `{"data":[1]}`} {
		err := JSON{At: "data"}.Read(io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken)), 1000, func(decode func(any) error) bool {
			var v any
			return decode(&v) == nil
		})
		if text != `{"data":[{"id":"x` { // the error of the decoding function
			assert.ErrorIs(t, err, broken, text)
		}
	}
}

// FuzzSkip compares the check of skipped text with that of package jsontext.
func FuzzSkip(f *testing.F) {
	for _, s := range []string{`{"a":[1,-2.5e+3,"x\u00e9",true,null,{},[]]}`, `{"a":1,}`, `01`, `"\ud800"`, "\"\xff\"", `1.`, `[1]]`, "\xef\xbb\xbf1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		value := jsontext.Value(strings.TrimPrefix(text, "\xef\xbb\xbf"))
		want := value.IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
		for _, r := range []io.Reader{strings.NewReader(text), iotest.OneByteReader(strings.NewReader(text))} {
			if err := skipAll(r); (err == nil) != want {
				t.Fatalf("%q: %v, but valid is %v", text, err, want)
			}
		}
		if !want {
			return
		}
		for _, r := range []io.Reader{strings.NewReader(text), iotest.OneByteReader(strings.NewReader(text))} {
			j := newJSONReader(r, nil)
			if _, err := j.next(); err != nil {
				t.Fatal(err)
			}
			got, err := j.value(int64(len(text)))
			if err != nil || !bytes.Equal(got, bytes.Trim(value, " \t\r\n")) {
				t.Fatalf("%q is read as %q: %v", text, got, err)
			}
		}
	})
}
