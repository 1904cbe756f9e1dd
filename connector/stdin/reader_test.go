package stdin_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/schema"
)

// read returns each line as text, and the error that ended the reading.
func read(text string) (lines []string, err error) {
	r := stdin.NewReader(strings.NewReader(text))
	for {
		line, err := r.Next()
		if err == io.EOF {
			return lines, nil
		}
		if err != nil {
			return lines, err
		}
		switch line.Kind {
		case stdin.Record:
			lines = append(lines, fmt.Sprintf("%v %s.%s %s", line.Op, line.Schema, line.Table, line.Row))
		case stdin.State:
			lines = append(lines, "STATE "+string(line.State))
		case stdin.Log:
			lines = append(lines, line.Level+" "+line.Message)
		case stdin.Secrets:
			lines = append(lines, fmt.Sprint("SECRETS ", line.Secrets))
		}
	}
}

func TestReaderReadsEveryKindOfLine(t *testing.T) {
	lines, err := read(`{"type":"RECORD","record":{"s":{"t":{"id":9007199254740993,"x":"a\nb"}}}}` + "\r\n" + `
 {"record":{"s":{"\u0074":{"id":1}}},"op":"UPDATE","type":"RECORD","more":[1]}
{"type":"RECORD","op":"DELETE","record":{"s":{"t":{"id":1}}}}
{"type":"RECORD","op":"TRUNCATE","record":{"s2":{"t2":{}}}}
{"type":"STATE","state":{"t":{"cursor":1}}}
{"type":"LOG","log":{"level":"WARNING","message":"mind \"the\" gap","at":1}}
{"secrets":{"refresh_token":"r\u00e9-\n2","expires":[9007199254740993]},"type":"SECRETS"}
{"type":"SECRETS","secrets":{}}
`)
	require.NoError(t, err)
	assert.Equal(t, []string{
		`UPSERT s.t {"id":9007199254740993,"x":"a\nb"}`,
		`UPDATE s.t {"id":1}`,
		`DELETE s.t {"id":1}`,
		`TRUNCATE s2.t2 {}`,
		`STATE {"t":{"cursor":1}}`,
		`WARNING mind "the" gap`,
		"SECRETS map[expires:[9007199254740993] refresh_token:ré-\n2]",
		"SECRETS map[]",
	}, lines)
}

func TestTheErrorForAnInvalidLineHasItsNumberAndText(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"hello", "it is not a JSON object: hello"},
		{`[1]`, "it is not a JSON object"},
		{`{"type":"STATE","state":{"a":1,}}`, "it is not valid JSON at byte 32"},
		{`{"type":"STATE","state":`, "its state is not a JSON object"},
		{`{"type":"STATE","state":{}} {}`, "text follows its JSON object"},
		{`{}`, "it has no type"},
		{`{"type":"ROW"}`, `unknown type "ROW"`},
		{`{"type":1}`, "its type is not a string"},
		{`{"type":"STATE"}`, "it is a STATE line without a state"},
		{`{"type":"STATE","state":[]}`, "its state is not a JSON object"},
		{`{"type":"RECORD"}`, "it is a RECORD line without a record"},
		{`{"type":"RECORD","op":"MERGE","record":{"s":{"t":{}}}}`, `unknown op "MERGE"`},
		{`{"type":"RECORD","record":{}}`, "its record names no schema"},
		{`{"type":"RECORD","record":{"s":{}}}`, "its record names no table"},
		{`{"type":"RECORD","record":{"s":1}}`, "its schema s is not a JSON object"},
		{`{"type":"RECORD","record":{"s":{"t":[]}}}`, "its row is not a JSON object"},
		{`{"type":"RECORD","record":{"s":{"t":{},"u":{}}}}`, "its record has more than one row"},
		{`{"type":"RECORD","record":{"s":{"t":{}},"s2":{}}}`, "its record has more than one row"},
		{`{"type":"LOG"}`, `it is a LOG line of level ""`},
		{`{"type":"LOG","log":{"level":"DEBUG","message":"x"}}`, `it is a LOG line of level "DEBUG"`},
		{"{\"type\":\"STATE\",\"state\":{\"a\":\"\xff\"}}", "it is not valid JSON"},
		{`{"type":"SECRETS"}`, "it is a SECRETS line without secrets"},
		{`{"type":"SECRETS","secrets":["a"]}`, "its secrets are not a JSON object"},
		{`{"type":"SECRETS","secrets":null}`, "its secrets are not a JSON object"},
		{`{"type":"SECRETS","secrets":{"token":"a"}} {}`, "text follows its JSON object"},
		{`{"type":"SECRETS","secrets":{"token":"a",}}`, "it is not valid JSON at byte 41"},
	} {
		good := `{"type":"STATE","state":{}}` + "\n"
		lines, err := read(good + test.text + "\n" + good)
		var fault *stdin.Error
		require.ErrorAs(t, err, &fault, test.text)
		assert.Equal(t, 2, fault.Line)
		assert.Contains(t, err.Error(), test.want)
		assert.Len(t, lines, 1, "the lines before it are not lost")
	}
}

func TestTheErrorForALineWithSecretsDoesNotShowThem(t *testing.T) {
	for _, text := range []string{
		`{"type":"SECRETS","secrets":{"token":"x-hush"}`,
		`{"type":"SECRETS","secrets":{"token":"x-hush"},}`,
		`{"type":"SECRETS","secrets":{"token":"x-hush"}}}`,
		`{"type":"SECRETS","secrets":"x-hush"}`,
		`{"type":"SECRETS","token":"x-hush"}`,
		`{"type":"SECRETS","secrets":{"token":x-hush}}`,
		`{"\u0073ecrets":{"token":"x-hush"},"type":"STATE"}`,
		`{"token":"x-hush","type":"SECRET\u0053"}`,
		`SECRETS x-hush`,
	} {
		_, err := read(text + "\n")
		var fault *stdin.Error
		require.ErrorAs(t, err, &fault, text)
		assert.NotContains(t, err.Error(), "hush")
		assert.NotContains(t, err.Error(), "'x'")
		assert.Contains(t, err.Error(), "line 1 of the answer: ")
		_, err = stdin.NewReader(strings.NewReader(text + "\n")).Answer(nil)
		require.ErrorAs(t, err, &fault, text)
		assert.NotContains(t, err.Error(), "hush")
		assert.NotContains(t, err.Error(), "'x'")
	}
	_, err := read(`{"type":"SECRETS","secrets":{"token":"x-hush`)
	require.ErrorIs(t, err, stdin.ErrCut)
	assert.NotContains(t, err.Error(), "hush")
	_, err = readTooLong(`{"type":"SECRETS","secrets":{"token":"x-hush`)
	require.ErrorIs(t, err, stdin.ErrTooLong)
	assert.NotContains(t, err.Error(), "hush")
}

// readTooLong reads a line with the given beginning that is one byte too long.
func readTooLong(beginning string) (*stdin.Line, error) {
	rest := io.LimitReader(&repeated{text: bytes.Repeat([]byte("x"), 64<<10)}, int64(stdin.MaxLine-len(beginning)))
	return stdin.NewReader(io.MultiReader(strings.NewReader(beginning), rest, strings.NewReader("\n"))).Next()
}

func TestSecretsRemainValidAfterTheNextLine(t *testing.T) {
	r := stdin.NewReader(strings.NewReader(`{"type":"SECRETS","secrets":{"token":"first"}}` + "\n" + `{"type":"SECRETS","secrets":{"token":"other"}}` + "\n"))
	first, err := r.Next()
	require.NoError(t, err)
	secrets := first.Secrets
	_, err = r.Next()
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"token": "first"}, secrets)
}

func TestALastLineWithoutAnEndIsAnError(t *testing.T) {
	_, err := read(`{"type":"STATE","state":{}}`)
	require.ErrorIs(t, err, stdin.ErrCut)
}

func TestLongLinesAreRead(t *testing.T) {
	long := strings.Repeat("x", 3<<20)
	lines, err := read(`{"type":"RECORD","record":{"s":{"t":{"x":"` + long + `"}}}}` + "\n")
	require.NoError(t, err)
	assert.Equal(t, `UPSERT s.t {"x":"`+long+`"}`, lines[0])
	_, err = readTooLong("x")
	require.ErrorIs(t, err, stdin.ErrTooLong)
	assert.Less(t, len(err.Error()), 400)
}

func TestParseSchemaKeepsTheOrder(t *testing.T) {
	tables, err := stdin.ParseSchema([]byte(`{"schemas":{"z":{"tables":{"b":{"columns":{"y":{"type":"LONG","primary_key":true},"x":{"type":"DECIMAL","precision":12,"scale":2}}},"a":{"columns":{},"follows":"b"}}},"c":{"tables":{}}}}`))
	require.NoError(t, err)
	assert.Equal(t, []*schema.Table{
		{Schema: "z", Name: "b", Columns: []schema.Column{
			{Name: "y", Type: schema.TypeLong, PrimaryKey: true},
			{Name: "x", Type: schema.TypeDecimal, Precision: 12, Scale: 2},
		}},
		{Schema: "z", Name: "a", Follows: "b"},
	}, tables)
	for text, want := range map[string]string{
		``:               "the schema",
		`{}`:             "the schema's schemas: it is not a JSON object",
		`{"schemas":[]}`: "the schema's schemas: it is not a JSON object",
		`{"schemas":{"s":{"tables":{"t":{"columns":{"c":{"type":"NUMBER"}}}}}}}`: "table s.t, column c",
		`{"schemas":{"s":{"tables":{"t":{"columns":{}},"T":{"columns":{}}}}}}`:   "the names of tables s.t and s.T differ only in upper and lower case",
		`{"schemas":{"s":{"tables":{"t":{"columns":[]}}}}}`:                      "table s.t: it is not a JSON object",
	} {
		_, err := stdin.ParseSchema([]byte(text))
		assert.ErrorContains(t, err, want, text)
	}
}

func TestAppendSchemaWritesWhatParseSchemaReads(t *testing.T) {
	tables := []*schema.Table{
		{Schema: "z", Name: "b", Columns: []schema.Column{{Name: "y", Type: schema.TypeLong, PrimaryKey: true}, {Name: "x \"", Type: schema.TypeDecimal, Precision: 12, Scale: 2}}},
		{Schema: "z", Name: "a", Columns: []schema.Column{{Name: "y", Type: schema.TypeJSON}}, Follows: "b"},
		{Schema: "c", Name: "b", Columns: []schema.Column{{Name: "y", Type: schema.TypeXML}}},
	}
	got, err := stdin.ParseSchema(stdin.AppendSchema(nil, tables))
	require.NoError(t, err)
	assert.Equal(t, tables, got)
	assert.Equal(t, `x{"schemas":{}}`, string(stdin.AppendSchema([]byte("x"), nil)))
}

func TestTheCostOfParseSchemaIsLinearInTheNumberOfTables(t *testing.T) {
	parse := func(count int) uint64 {
		text := []byte(`{"schemas":{"shop":{"tables":{`)
		for i := range count {
			text = fmt.Appendf(text, `"table%d":{"columns":{"id":{"type":"LONG","primary_key":true}}},`, i)
		}
		text = append(text[:len(text)-1], `}}}}`...)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		tables, err := stdin.ParseSchema(text)
		runtime.ReadMemStats(&after)
		require.NoError(t, err)
		require.Len(t, tables, count)
		return after.TotalAlloc - before.TotalAlloc
	}
	parse(10)
	few, many := parse(1000), parse(4000)
	assert.LessOrEqual(t, many, 5*few)
}

func TestParseTestDistinguishesSuccessFromFailure(t *testing.T) {
	ok, message, err := stdin.ParseTest([]byte(`{"status":"FAILURE","message":"no such key"}`))
	require.NoError(t, err)
	assert.False(t, ok)
	assert.Equal(t, "no such key", message)
	ok, _, err = stdin.ParseTest([]byte(`{"status":"SUCCESS"}`))
	require.NoError(t, err)
	assert.True(t, ok)
	_, _, err = stdin.ParseTest([]byte(`{"status":"OK"}`))
	assert.ErrorContains(t, err, `the status "OK"`)
}

func ExampleReader() {
	lines := stdin.NewReader(strings.NewReader(`{"type":"RECORD","record":{"shop":{"orders":{"id":1}}}}
{"type":"STATE","state":{"orders":{"cursor":1}}}
stray text
`))
	for {
		line, err := lines.Next()
		if err != nil {
			fmt.Println(err)
			return
		}
		switch line.Kind {
		case stdin.Record:
			fmt.Println(line.Op, line.Schema, line.Table, string(line.Row))
		case stdin.State:
			fmt.Println("state", string(line.State))
		}
	}
	// Output:
	// UPSERT shop orders {"id":1}
	// state {"orders":{"cursor":1}}
	// line 3 of the answer: it is not a JSON object: stray text
}

func FuzzReaderReturnsOnlyDocumentedErrors(f *testing.F) {
	f.Add(`{"type":"RECORD","op":"DELETE","record":{"s":{"t":{"id":1}}}}` + "\n")
	f.Add(`{"type":"LOG","log":{"level":"SEVERE","message":"x"}}` + "\n\n{}")
	f.Add(`{"type":"SECRETS","secrets":{"refresh_token":"r-2","n":1}}` + "\n" + `{"type":"SECRETS","secrets":[]}` + "\n")
	f.Fuzz(func(t *testing.T, text string) {
		r := stdin.NewReader(strings.NewReader(text))
		for {
			line, err := r.Next()
			if err == io.EOF {
				break
			}
			var fault *stdin.Error
			if err != nil && !errors.As(err, &fault) {
				t.Fatal(err)
			}
			if errors.Is(err, stdin.ErrCut) {
				break
			}
			if err == nil && (line.Kind == stdin.Record) != (line.Row != nil) {
				t.Fatalf("a record without a row: %q", text)
			}
			if err == nil && (line.Kind == stdin.Secrets) != (line.Secrets != nil) {
				t.Fatalf("a SECRETS line without secrets: %q", text)
			}
		}
		if r.Bytes() != int64(len(text)) {
			t.Fatalf("%d bytes of %d", r.Bytes(), len(text))
		}
		answer, err := stdin.NewReader(strings.NewReader(text)).Answer(func(secrets map[string]string) error {
			if secrets == nil {
				t.Fatalf("a SECRETS line without secrets: %q", text)
			}
			return nil
		})
		var fault *stdin.Error
		var failure *stdin.FailureError
		if err != nil && !errors.As(err, &fault) && !errors.As(err, &failure) && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatal(err)
		}
		if err == nil && answer == nil {
			t.Fatalf("no answer and no error: %q", text)
		}
	})
}

func BenchmarkReader(b *testing.B) {
	line := `{"type":"RECORD","record":{"shop":{"orders":{"id":9007199254740993,"customer_id":17,"status":"paid","total":"19.90","note":"a note of thirty characters..","created_at":"2026-01-02T03:04:05Z","updated_at":"2026-01-02T03:04:05Z"}}}}` + "\n"
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	r := stdin.NewReader(&repeated{text: []byte(line)})
	for b.Loop() {
		if _, err := r.Next(); err != nil {
			b.Fatal(err)
		}
	}
}

// repeated is a reader that repeats its text without end.
type repeated struct {
	text []byte
	at   int
}

func (r *repeated) Read(p []byte) (n int, err error) {
	for n < len(p) {
		k := copy(p[n:], r.text[r.at:])
		n += k
		r.at = (r.at + k) % len(r.text)
	}
	return n, nil
}
