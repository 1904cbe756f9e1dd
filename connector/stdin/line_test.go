package stdin_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/stdin"
)

func TestALineIsWrittenInTheFormOfTheProtocol(t *testing.T) {
	for want, line := range map[string]stdin.Line{
		`{"type":"RECORD","record":{"s":{"t":{"id":1}}}}`:                              {Kind: stdin.Record, Op: stdin.Upsert, Schema: "s", Table: "t", Row: []byte(`{"id":1}`)},
		`{"type":"RECORD","op":"TRUNCATE","record":{"s":{"t":{}}}}`:                    {Kind: stdin.Record, Op: stdin.Truncate, Schema: "s", Table: "t", Row: []byte(`{}`)},
		`{"type":"STATE","state":{"t":{"cursor":1}}}`:                                  {Kind: stdin.State, State: []byte(`{"t":{"cursor":1}}`)},
		`{"type":"LOG","log":{"level":"SEVERE","message":"a \"b\" ` + "\uFFFD" + `"}}`: {Kind: stdin.Log, Level: "SEVERE", Message: "a \"b\" \xff"},
		`{"type":"SECRETS","secrets":{"a":"1","b":"2"}}`:                               {Kind: stdin.Secrets, Secrets: map[string]string{"b": "2", "a": "1"}},
	} {
		assert.Equal(t, want+"\n", string(line.Append(nil)))
	}
}

// FuzzLineRoundTrip writes lines and reads them back.
func FuzzLineRoundTrip(f *testing.F) {
	f.Add(1, 1, "shop", "orders", `{"id":9007199254740993}`, "x")
	f.Add(1, 3, "", "a\"b", `{"x":"\u0000\n"}`, "\\")
	f.Add(2, 0, "", "", `{"orders":{"cursor":"2026-01-02T03:04:05Z"}}`, "")
	f.Add(3, 0, "INFO", "mind \xff the gap", "", "")
	f.Add(4, 0, "refresh_token", "s3cr\"et\n", "", "")
	f.Fuzz(func(t *testing.T, kind, op int, a, b, object, more string) {
		line := stdin.Line{Kind: stdin.Kind(kind)}
		switch line.Kind {
		case stdin.Record, stdin.State:
			var compact bytes.Buffer
			if json.Compact(&compact, []byte(object)) != nil || !bytes.HasPrefix(compact.Bytes(), []byte("{")) || !json.Valid([]byte(object)) {
				return
			}
			if line.Kind == stdin.State {
				line.State = compact.Bytes()
				break
			}
			if op < int(stdin.Upsert) || op > int(stdin.Truncate) {
				return
			}
			line.Op, line.Schema, line.Table, line.Row = stdin.Op(op), a, b, compact.Bytes()
		case stdin.Log:
			line.Level, line.Message = []string{"INFO", "WARNING", "SEVERE"}[len(a)%3], b
		case stdin.Secrets:
			line.Secrets = map[string]string{a: b, more: a}
		default:
			return
		}
		text := line.Append([]byte(nil))
		assert.Equal(t, 1, bytes.Count(text, []byte("\n")))
		read, err := stdin.NewReader(bytes.NewReader(text)).Next()
		if err != nil && !bytes.ContainsRune([]byte(a+b+object+more), '\uFFFD') && json.Valid(text) && validText(a, b, more, object) {
			t.Fatalf("%v: %s", err, text)
		}
		if err != nil || !validText(a, b, more, object) {
			return // bytes that are not UTF-8 are replaced, which may make two names equal
		}
		require.Equal(t, line, *read)
	})
}

// validText reports whether the texts are valid UTF-8, as JSON requires.
func validText(texts ...string) bool {
	for _, text := range texts {
		var back string
		quoted, err := json.Marshal(text)
		if err != nil || json.Unmarshal(quoted, &back) != nil || back != text {
			return false
		}
	}
	return true
}
