package transport_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/internal/userwarning"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/format"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
)

type namedItem struct {
	Name string `json:"name" xml:"name"`
}

// A recordReader reads the names of a response. text returns the text of a response that
// has one name.
type recordReader struct {
	text func(name string) string
	read func(context.Context, *transport.Client) ([]namedItem, error)
}

// readers are the ways to read the names of a response.
var readers = map[string]recordReader{
	"Get": {
		func(name string) string { return `{"name":"` + name + `"}` },
		func(ctx context.Context, c *transport.Client) ([]namedItem, error) {
			v, err := transport.Get[namedItem](ctx, c, transport.Request{})
			return []namedItem{v}, err
		},
	},
	"Records": {
		func(name string) string { return `[{"name":"` + name + `"}]` },
		func(ctx context.Context, c *transport.Client) ([]namedItem, error) {
			return collect(transport.Records[namedItem](ctx, c, transport.Request{}, nil))
		},
	},
	"Pages": {
		func(name string) string { return `[{"name":"` + name + `"}]` },
		func(ctx context.Context, c *transport.Client) (all []namedItem, err error) {
			for p, err := range transport.Pages(ctx, c, transport.Request{}, nil) {
				if err != nil {
					return all, err
				}
				items, err := collect(transport.PageRecords[namedItem](p))
				if err != nil {
					return all, err
				}
				all = append(all, items...)
			}
			return all, nil
		},
	},
	"JSON":   streamed(format.JSON{}, `[{"name":"`, `"}]`),
	"NDJSON": streamed(format.NDJSON{}, `{"name":"`, "\"}\n"),
	"CSV":    streamed(format.CSV{}, "name\n", "\n"),
	"XML":    streamed(format.XML{At: "a.b"}, "<a><b><name>", "</name></b></a>"),
}

func streamed(f format.Format, before, after string) (r recordReader) {
	r.text = func(name string) string { return before + name + after }
	r.read = func(ctx context.Context, c *transport.Client) ([]namedItem, error) {
		return collect(transport.Stream[namedItem](ctx, c, transport.Request{}, f))
	}
	return r
}

// utf16Text returns a text of characters below U+0100 in UTF-16, little endian.
func utf16Text(text string) string {
	var b []byte
	for _, r := range text {
		b = append(b, byte(r), 0)
	}
	return string(b)
}

// RFC 9110 §8.3.2 defines the parameter charset. The names are those of the WHATWG
// Encoding Standard.
func TestTheCharsetThatAResponseDeclaresIsHonored(t *testing.T) {
	for how, reader := range readers {
		for _, c := range []struct{ contentType, name, want string }{
			{"text/plain", "Café", "Café"},
			{"text/plain; charset=utf-8", "Café", "Café"},
			{"text/plain; charset=UTF8", "Café", "Café"},
			{"text/plain; charset=binary", "Café", "Café"},
			{"text/plain; charset=ISO-8859-1", "Caf\xe9", "Café"},
			{`text/plain; charset="iso-8859-1"`, "Caf\xe9", "Café"},
			{"text/plain ;Charset = latin1", "Caf\xe9", "Café"},
			{"text/plain; charset=windows-1252", "\x80\xe9", "€é"},
			{"text/plain; charset=us-ascii", "Caf\xe9", "Café"},
			{"text/plain; charset=iso-8859-15", "\xa4", "€"},
			{"text/plain; charset=ISO-8859-2", "\xe8", "č"},
			{"text/plain; charset=windows-1251", "\xcc\xe8\xf0", "Мир"},
			{"text/plain; charset=koi8-r", "\xed\xc9\xd2", "Мир"},
			{"text/plain; charset=Shift_JIS", "\x93\x8c\x8b\x9e", "東京"},
			{"text/plain; charset=euc-jp", "\xc5\xec\xb5\xfe", "東京"},
			{"text/plain; charset=gb2312", "\xd6\xd0\xce\xc4", "中文"},
			{"text/plain; charset=big5", "\xa4\xa4\xa4\xe5", "中文"},
			{"text/plain; charset=euc-kr", "\xc7\xd1\xb1\xdb", "한글"},
			{"text/plain; charset=windows-1252; charset=utf-8", "\xe9", "é"},
			// Servers declare ISO-8859-1 by default.
			{"text/plain; charset=ISO-8859-1", "Café €", "Café €"},
			{"text/plain; charset=us-ascii", "Café €", "Café €"},
		} {
			log := new(transporttest.LogRecord)
			client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", c.contentType)
				_, _ = w.Write([]byte(reader.text(c.name)))
			}, log.Warnings())
			got, err := reader.read(t.Context(), client)
			require.NoError(t, err, "%s, %s", how, c.contentType)
			assert.Equal(t, []namedItem{{c.want}}, got, "%s, %s", how, c.contentType)
			assert.Empty(t, log.String())
		}
		for contentType, mark := range map[string]string{"text/plain": "\xff\xfe", "text/plain; charset=utf-16": "\xff\xfe", "text/plain;charset=utf-16 ": "", "text/plain; charset=utf-16le": "", "text/plain; charset=utf-8": "\xff\xfe", "text/csv": ""} {
			client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", contentType)
				_, _ = w.Write([]byte(mark + utf16Text(reader.text("Café"))))
			})
			got, err := reader.read(t.Context(), client)
			require.NoError(t, err, "%s, %s", how, contentType)
			assert.Equal(t, []namedItem{{"Café"}}, got, "%s, %s", how, contentType)
		}
	}
}

func TestAnUnknownCharsetIsAnErrorThatIsNotRepeated(t *testing.T) {
	for how, reader := range readers {
		calls := 0
		client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			calls++
			w.Header().Set("Content-Type", "text/plain; charset=klingon")
			_, _ = w.Write([]byte(reader.text("a")))
		})
		_, err := reader.read(t.Context(), client)
		assert.ErrorContains(t, err, `unknown charset in the Content-Type "text/plain; charset=klingon"`, how)
		assert.ErrorContains(t, err, "transport.WithCharset", how)
		assert.Equal(t, 1, calls, how)
	}
	_, err := transport.New("http://api.test", transport.WithCharset("klingon"))
	assert.ErrorContains(t, err, `WithCharset: unknown charset "klingon"`)
}

func TestWithCharsetTakesPrecedenceOverWhatAResponseDeclares(t *testing.T) {
	for how, reader := range readers {
		for _, contentType := range []string{"text/plain", "text/plain; charset=utf-8", "text/plain; charset=klingon"} {
			client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", contentType)
				_, _ = w.Write([]byte(reader.text("Caf\x8e")))
			}, transport.WithCharset("macintosh"))
			got, err := reader.read(t.Context(), client)
			require.NoError(t, err, how)
			assert.Equal(t, []namedItem{{"Café"}}, got, how)
		}
	}
	client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		_, _ = w.Write([]byte("name\n\x93\x8c\x8b\x9e\n"))
	}, transport.WithCharset("macintosh"))
	got, err := collect(transport.Stream[namedItem](t.Context(), client, transport.Request{}, format.CSV{Charset: "sjis"}))
	require.NoError(t, err)
	assert.Equal(t, []namedItem{{"東京"}}, got)
}

func TestBytesThatAreNotValidInTheirCharsetAreReported(t *testing.T) {
	for how, reader := range readers {
		for contentType, want := range map[string]string{
			"text/plain":                    "declares no charset",
			"text/plain; charset=utf-8":     "is not valid in its charset utf-8",
			"text/plain; charset=shift_jis": "is not valid in its charset shift_jis",
		} {
			log := new(transporttest.LogRecord)
			client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", contentType)
				_, _ = w.Write([]byte(reader.text("a\xff.\xff.")))
			}, log.Warnings())
			counts := map[string]int{}
			ctx := userwarning.With(t.Context(), func(_, message string, n int) { counts[message] += n })
			for range 2 {
				got, err := reader.read(ctx, client)
				require.NoError(t, err, how)
				assert.Equal(t, []namedItem{{"a\uFFFD.\uFFFD."}}, got, how)
			}
			require.Len(t, counts, 1, how)
			for message, n := range counts {
				assert.Contains(t, message, want, how)
				assert.Contains(t, message, "transport.WithCharset", how)
				assert.Equal(t, 4, n, how)
			}
			assert.Equal(t, 1, strings.Count(log.String(), "level=WARN"), "%s: %s", how, log)
			assert.Contains(t, log.String(), "transport.WithCharset")
		}
	}
}

func TestADeclaredCharsetThatTheTextContradictsIsReported(t *testing.T) {
	for how, reader := range readers {
		for _, c := range []struct{ contentType, name, want, warning string }{
			{"text/plain; charset=windows-1251", "Мир", "РњРёСЂ", `"windows-1251" if it is right`},
			{"text/plain; charset=Shift_JIS", "東京", "譚ｱ莠ｬ", `"Shift_JIS" if it is right`},
			{"text/plain; charset=koi8-r", "Мир", "п°п╦я─", `"utf-8"`},
			{"text/plain; charset=windows-1251", "\xcc\xe8\xf0", "Мир", ""},
			{"text/plain; charset=windows-1251", "\xc5\xb8", "Её", ""}, // valid UTF-8 by coincidence
			{"text/plain; charset=gbk", "\xd6\xd0\xce\xc4", "中文", ""},
			{"text/plain; charset=gbk", "abc", "abc", ""},
			// UTF-16 would have zeros.
			{"text/plain; charset=utf-16", "Český", "Český", ""},
			{"text/plain; charset=UTF-16LE", "abc", "abc", ""},
		} {
			log := new(transporttest.LogRecord)
			client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", c.contentType)
				_, _ = w.Write([]byte(reader.text(c.name)))
			}, log.Warnings())
			var warnings []string
			ctx := userwarning.With(t.Context(), func(_, message string, _ int) { warnings = append(warnings, message) })
			for range 2 {
				got, err := reader.read(ctx, client)
				require.NoError(t, err, "%s, %s", how, c.contentType)
				assert.Equal(t, []namedItem{{c.want}}, got, "%s, %s", how, c.contentType)
			}
			if c.warning == "" {
				assert.Empty(t, warnings, "%s, %s", how, c.contentType)
				assert.Empty(t, log.String())
				continue
			}
			require.Len(t, warnings, 2, "%s, %s", how, c.contentType)
			assert.Contains(t, warnings[0], c.warning)
			assert.Equal(t, 1, strings.Count(log.String(), "level=WARN"), log)
		}
	}
}

func TestWithCharsetSettlesWhichCharsetIsRight(t *testing.T) {
	client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=windows-1251")
		_, _ = w.Write([]byte(`{"name":"Мир"}`))
	}, transport.WithCharset("windows-1251"))
	var warnings []string
	ctx := userwarning.With(t.Context(), func(_, message string, _ int) { warnings = append(warnings, message) })
	_, err := transport.Get[namedItem](ctx, client, transport.Request{})
	require.NoError(t, err)
	assert.Empty(t, warnings)
}

func TestDoReturnsABodyAsItIs(t *testing.T) {
	client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=klingon")
		_, _ = w.Write([]byte("Caf\xe9"))
	})
	resp, err := client.Do(t.Context(), transport.Request{})
	require.NoError(t, err)
	assert.Equal(t, "Caf\xe9", string(resp.Body))
}

func TestTheErrorOfAResponseIsFoundInItsCharset(t *testing.T) {
	client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=iso-8859-1")
		_, _ = w.Write([]byte("{\"error\":\"Schl\xfcssel fehlt\"}"))
	})
	_, err := transport.Get[namedItem](t.Context(), client, transport.Request{ErrorAt: "error"})
	assert.ErrorIs(t, err, transport.ErrReported)
	assert.ErrorContains(t, err, "Schlüssel fehlt")
}

func TestACompressedFileInPlaceOfJSONIsAnErrorThatNamesTheFix(t *testing.T) {
	client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/gzip")
		_, _ = w.Write(gzipped("[]"))
	})
	_, err := collect(transport.Records[namedItem](t.Context(), client, transport.Request{}, nil))
	assert.ErrorIs(t, err, transport.ErrNotJSON)
	assert.ErrorContains(t, err, "Stream and format.Gzip")
	_, err = collect(transport.Stream[namedItem](t.Context(), client, transport.Request{}, format.JSON{}))
	assert.ErrorContains(t, err, "format.Gzip")
}

func TestASecretInAContentTypeIsMaskedWhateverSeparatorsItHas(t *testing.T) {
	const key = "xK9; charset=q7,Zw3 \"pV5\" tB1"
	for _, header := range []string{"text/plain; charset=" + key, "text/" + key, key, "text/html" + key} {
		client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", header)
			_, _ = w.Write([]byte("<html>"))
		}, transport.WithAuth(auth.Bearer(key)))
		_, err := collect(transport.Records[map[string]any](ctx, client, transport.Request{}, nil))
		_, streamErr := collect(transport.Stream[map[string]any](ctx, client, transport.Request{}, format.CSV{}))
		for _, err := range []error{err, streamErr} {
			for _, part := range []string{"xK9", "q7", "Zw3", "pV5", "tB1"} {
				assert.NotContains(t, strings.ToLower(fmt.Sprint(err)), strings.ToLower(part), header)
			}
		}
	}
}
