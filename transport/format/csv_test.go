package format_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/internal/userwarning"
	"github.com/penstock-sdk/penstock/transport/format"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
)

// csvRow has a column of each kind.
type csvRow struct {
	ID     int64       `json:"id"`
	Name   string      `json:"name"`
	Amount json.Number `json:"amount"`
	Ratio  float64     `json:"ratio"`
	Paid   bool        `json:"paid"`
	At     *time.Time  `json:"at"`
}

func TestCSVDecodesCellsByTheNamesInTheHeader(t *testing.T) {
	at := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
	want := []csvRow{{9007199254740993, "a,\n\"b\"", "1.10", 0.5, true, &at}, {ID: 2, Name: "é"}}
	const text = "id,name,amount,ratio,paid,at\n9007199254740993,\"a,\n\"\"b\"\"\",1.10,0.5,TRUE,2024-05-01T12:00:00Z\n2,é,,,no,\n"
	got, err := decodeString[csvRow](text, format.CSV{})
	require.NoError(t, err)
	assert.Equal(t, want, got)

	// With the byte order mark of UTF-8.
	got, err = decodeString[csvRow]("\xef\xbb\xbf"+text, format.CSV{})
	require.NoError(t, err)
	assert.Equal(t, want, got)

	// In UTF-16, with its byte order mark.
	encoded := []byte{0xff, 0xfe}
	for _, c := range utf16.Encode([]rune(text)) {
		encoded = append(encoded, byte(c), byte(c>>8))
	}
	got, err = decodeBytes[csvRow](encoded, format.CSV{})
	require.NoError(t, err)
	assert.Equal(t, want, got)
}

func TestTheFieldsOfCSVDescribeTheText(t *testing.T) {
	names, err := decodeString[map[string]any]("report of May\n\n#x\n1;\xe9;\n", format.CSV{Comma: ';', Charset: "iso-8859-1", Header: []string{"a", "b", "c"}, SkipLines: 2, Comment: '#'})
	require.NoError(t, err)
	assert.Equal(t, []map[string]any{{"a": "1", "b": "é", "c": nil}}, names)
	texts, err := decodeString[map[string]string]("a,b\n1,\n", format.CSV{EmptyText: true})
	require.NoError(t, err)
	assert.Equal(t, []map[string]string{{"a": "1", "b": ""}}, texts)
	none, err := decodeString[csvRow]("id,name\n", format.CSV{})
	assert.NoError(t, err)
	assert.Empty(t, none)
}

func TestTheErrorOfACSVRowNamesItsLine(t *testing.T) {
	for text, want := range map[string]string{
		"a,b\n1,2\n3\n": "line 3", "a,b\n1,2,3\n": "line 2", "a,a\n": "two columns", "id\nx\n": "line 2", "a\n\"x": "line 2", "": "empty",
	} {
		_, err := decodeString[csvRow](text, format.CSV{})
		assert.ErrorContains(t, err, want, "%q", text)
	}
	_, err := decodeString[csvRow]("skipped\na,b\n1\n", format.CSV{SkipLines: 1})
	assert.ErrorContains(t, err, "line 3")
	_, err = decodeString[struct{ Paid bool }]("paid\nmaybe\n", format.CSV{})
	assert.ErrorContains(t, err, "neither true nor false")
	_, err = decodeString[csvRow]("a", format.CSV{Charset: "klingon"})
	assert.ErrorContains(t, err, `unknown charset "klingon"`)
}

// Line breaks in a quoted cell and spaces are data (RFC 4180 §2.6 and §2.4). An empty
// line is a row if the table has one column.
func TestCSVCellsAreNotChangedAndNoRowIsLost(t *testing.T) {
	type row = map[string]any
	empty := format.CSV{EmptyText: true}
	for _, c := range []struct {
		name, text string
		format     format.CSV
		rows       int
		first      row
	}{
		{"CRLF in a cell", "id,note\r\n1,\"line one\r\nline two\"\r\n", format.CSV{}, 1, row{"id": "1", "note": "line one\r\nline two"}},
		{"CRLF in a cell, LF between rows", "id,note\n1,\"line one\r\nline two\"\n", format.CSV{}, 1, row{"id": "1", "note": "line one\r\nline two"}},
		{"empty cell of one column", "name\nann\n\nbob\n", format.CSV{}, 3, row{"name": "ann"}},
		{"empty cell of one column, CRLF", "name\r\nann\r\n\r\nbob\r\n", empty, 3, row{"name": "ann"}},
		{"CR between rows", "id,name\r1,ann\r2,bob\r", format.CSV{}, 2, row{"id": "1", "name": "ann"}},
		{"number sign", "name\n#1 hit\n", format.CSV{}, 1, row{"name": "#1 hit"}},
		{"spaces", "id,name\n1, ann \n", format.CSV{}, 1, row{"id": "1", "name": " ann "}},
		{"NUL", "id,name\n1,a\x00b\n", format.CSV{}, 1, row{"id": "1", "name": "a\x00b"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			rows, err := transporttest.Collect(format.Decode[row](strings.NewReader(c.text), c.format))
			if assert.Len(t, rows, c.rows, "%v", err) {
				assert.Equal(t, c.first, rows[0])
			}
		})
	}
}

// rowsOf returns the rows of CSV text, each as the cells in the order of the header a,
// b, c. A null is "null".
func rowsOf(t *testing.T, text string, f format.CSV) (rows []string, err error) {
	t.Helper()
	for row, err := range format.Decode[map[string]any](strings.NewReader(text), f) {
		if err != nil {
			return rows, err
		}
		var cells []string
		for _, name := range []string{"", "a", "b", "c"} {
			switch v, ok := row[name]; {
			case !ok:
			case v == nil:
				cells = append(cells, "null")
			default:
				cells = append(cells, v.(string))
			}
		}
		rows = append(rows, strings.Join(cells, "|"))
	}
	return rows, nil
}

func TestCSVReadsTheDialectsOfOtherPrograms(t *testing.T) {
	for _, c := range []struct {
		name, text string
		format     format.CSV
		want       []string
	}{
		{"CR, CRLF and LF as line ends", "a,b\r1,2\r\n3,4\n5,6\r", format.CSV{}, []string{"1|2", "3|4", "5|6"}},
		{"CR as line end, without the last one", "a,b\r1,2", format.CSV{}, []string{"1|2"}},
		{"CR as line end, line breaks in cells", "a,b\r1,\"x\ry\r\nz\"\r", format.CSV{}, []string{"1|x\ry\r\nz"}},
		{"CR as line end of quoted cells", "\"a\",\"b\"\r\"1\",\"2\"\r", format.CSV{}, []string{"1|2"}},
		{"CR within a line", "a,b\n1,x\ry\n", format.CSV{}, []string{"1|x\ry"}},
		{"CRLF written in text mode", "a,b\r\r\n1,2\r\r\n", format.CSV{}, []string{"1|2"}},
		{"CRLF and LF", "a,b\r\n1,2\n3,4\r\n", format.CSV{}, []string{"1|2", "3|4"}},
		{"byte order mark before a quoted header", "\xef\xbb\xbf\"a\",\"b\"\n1,2\n", format.CSV{}, []string{"1|2"}},
		{"empty lines between rows", "\n\na,b\n\n1,2\n\n\n3,4\n\n", format.CSV{}, []string{"1|2", "3|4"}},
		{"empty lines of one column", "a\n\n1\n\n\n2\n\n", format.CSV{}, []string{"null", "1", "null", "null", "2"}},
		{"empty lines of one column, Header", "\n1\n\n", format.CSV{Header: []string{"a"}}, []string{"null", "1"}},
		{"one column, quoted", "a\n\"\"\n1\n", format.CSV{}, []string{"null", "1"}},
		{"NULL, NA and \\N", "a,b,c\nNULL,NA,\\N\n\"NULL\",n,\n", format.CSV{Null: []string{"NULL", "NA", `\N`}}, []string{"null|null|null", "NULL|n|null"}},
		{"null and empty text", "a,b\n\\N,\n", format.CSV{Null: []string{`\N`}, EmptyText: true}, []string{"null|"}},
		{"MySQL", "a\tb\tc\n1\tx\\\ty\\\nz\t\\N\n2\t\\\\n\t\\n\n", format.CSV{Comma: '\t', Quote: format.NoQuote, Escape: '\\', Null: []string{`\N`}},
			[]string{"1|x\ty\nz|null", `2|\n|\n`}},
		{"escaped quotes", `a,b` + "\n" + `"say \"hi\", ok","c:\\dir\x"` + "\n", format.CSV{Escape: '\\'}, []string{`say "hi", ok|c:\dir\x`}},
		{"escaped and doubled quotes", `a,b` + "\n" + `"x\"y","x""y"` + "\n", format.CSV{Escape: '\\'}, []string{`x"y|x"y`}},
		{"quote as escape", `a` + "\n" + `"x""y"` + "\n", format.CSV{Escape: '"'}, []string{`x"y`}},
		{"single quotes", "a,b\n'x, ''y''',\"z\"\n", format.CSV{Quote: '\''}, []string{`x, 'y'|"z"`}},
		{"no quotes", "a\tb\n\"x\t5\" screen\n", format.CSV{Comma: '\t', Quote: format.NoQuote}, []string{`"x|5" screen`}},
		{"quotes after spaces", "a, b\n1, \"x, y\"\n", format.CSV{TrimLeadingSpace: true}, []string{"1|x, y"}},
		{"comma of several bytes", "a§b\n1§\"x§\"\n", format.CSV{Comma: '§'}, []string{"1|x§"}},
		{"sep=;", "sep=;\r\na;b\r\n1;2\r\n", format.CSV{}, []string{"1|2"}},
		{"sep= and a tab", "\xef\xbb\xbfSEP=\t\na\tb\n1\t2\n", format.CSV{Comma: '\t'}, []string{"1|2"}},
		{"a column named sep=", "a,sep=;\n1,2\n", format.CSV{}, []string{"1"}},
		{"footer", "a,b\n1,2\n3,4\nTotal: 2 rows\n", format.CSV{SkipFooter: 1}, []string{"1|2", "3|4"}},
		{"footer longer than the text", "a,b\n1,2\n", format.CSV{SkipFooter: 3}, nil},
		{"footer of one column with empty lines", "a\n\n1\n\n\nTotal\n", format.CSV{SkipFooter: 2}, []string{"null", "1", "null"}},
		{"footer after an empty line", "a,b\n1,2\n\nTotal,1\n\n", format.CSV{SkipFooter: 1}, []string{"1|2"}},
		{"fewer cells", "a,b,c\n1\n1,2\n", format.CSV{Ragged: format.RaggedPad}, []string{"1|null|null", "1|2|null"}},
		{"comma at the end of rows", "a,b\n1,2,\n3,4,,\n", format.CSV{Ragged: format.RaggedPad}, []string{"1|2", "3|4"}},
		{"comma at the end of every line", "a,b,\n1,2,\n", format.CSV{}, []string{"null|1|2"}},
		{"commas at the end of every line", "a,b,,\n1,2,,\n", format.CSV{}, []string{"1|2"}},
		{"column without a name", ",a\n0,1\n", format.CSV{}, []string{"0|1"}},
		{"skipped rows", "a,b\n1\n1,2\n1,2,3\n", format.CSV{Ragged: format.RaggedSkip}, []string{"1|2"}},
		{"skipped lines with CR", "title\r\ra,b\r1,2\r", format.CSV{SkipLines: 1}, []string{"1|2"}},
		{"comments", "#x\r\na,b\r\n#\"y\r\n1,#2\r\n", format.CSV{Comment: '#'}, []string{"1|#2"}},
		{"quoted comment", "a,b\n\"#1\",2\n", format.CSV{Comment: '#'}, []string{"#1|2"}},
		{"only a header", "a,b", format.CSV{}, nil},
		{"lazy quotes", "a,b\n5\" x,\"y\"z\"\n", format.CSV{LazyQuotes: true}, []string{"5\" x|y\"z"}},
	} {
		got, err := rowsOf(t, c.text, c.format)
		require.NoError(t, err, c.name)
		assert.Equal(t, c.want, got, c.name)
	}
}

func TestTheErrorOfCSVNamesTheLineAndTheFix(t *testing.T) {
	for _, c := range []struct {
		name, text string
		format     format.CSV
		want       []string
	}{
		{"quoted cell not closed", "a,b\n1,2\n3,\"x\n4,5\n6,7\n", format.CSV{}, []string{"line 3", "truncated", "not closed"}},
		{"quoted cell not closed, lazy", "a,b\n1,2\n3,\"x\n4,5\n6,7\n", format.CSV{LazyQuotes: true}, []string{"line 3", "not closed"}},
		{"quoted cell not closed, CR", "a,b\r1,2\r3,\"x\r4,5\r", format.CSV{}, []string{"line 3", "not closed"}},
		{"quote in an unquoted cell", "a,b\n1,5\"\n", format.CSV{}, []string{"line 2", "cell 2", "LazyQuotes", "NoQuote"}},
		{"quote after a space", "a,b\n1, \"x\"\n", format.CSV{}, []string{"line 2", "TrimLeadingSpace"}},
		{"text after a quoted cell", "a,b\n\"x\ny\" ,2\n", format.CSV{}, []string{"line 3", "begins on line 2"}},
		{"escaped quote without Escape", "a\n\"x\\\"y\"\n", format.CSV{}, []string{"line 2", "Escape"}},
		{"fewer cells", "a,b\n\"x\ny\",1\n1\n", format.CSV{}, []string{"line 4", "1 cell,", "2 columns", "Ragged"}},
		{"more cells", "a,b\n1,2,3\n", format.CSV{Ragged: format.RaggedPad}, []string{"line 2", "cell 3 has a value"}},
		{"columns with one name", "a,b,a\n", format.CSV{}, []string{`"a"`, "columns 1 and 3", "Header"}},
		{"value without a column", "a,,\n1,,\n1,,2\n", format.CSV{}, []string{"line 3", "column 3", "Header"}},
		{"sep and Comma", "sep=;\na;b\n", format.CSV{Comma: '\t'}, []string{`"sep=;"`, "Comma"}},
		{"Comma and Quote", "", format.CSV{Comma: '"'}, []string{"Comma and Quote"}},
		{"Comma and Escape", "", format.CSV{Escape: ','}, []string{"Comma and Escape"}},
		{"line break as Comma", "", format.CSV{Comma: '\n'}, []string{"Comma"}},
		{"Ragged", "", format.CSV{Ragged: 7}, []string{"Ragged"}},
		{"SkipLines", "", format.CSV{SkipLines: -1}, []string{"SkipLines"}},
		{"SkipFooter", "", format.CSV{SkipFooter: -1}, []string{"SkipFooter"}},
		{"charset", "", format.CSV{Charset: "klingon"}, []string{"klingon"}},
		{"gzip", string(transporttest.Gzipped("a\n")), format.CSV{}, []string{"format.Gzip"}},
		{"zip", string(zipped("a.csv", "a\n")), format.CSV{}, []string{"format.Zip"}},
		{"zstd", "\x28\xb5\x2f\xfd\x00", format.CSV{}, []string{"zstd"}},
		{"only empty lines", "\n\n", format.CSV{}, []string{"empty"}},
	} {
		_, err := rowsOf(t, c.text, c.format)
		for _, want := range c.want {
			assert.ErrorContains(t, err, want, c.name)
		}
	}
	_, err := rowsOf(t, "a\n\"x", format.CSV{})
	assert.ErrorIs(t, err, format.ErrCut)
}

func TestARowOrAHeaderOfCSVIsLimited(t *testing.T) {
	const limit = 1 << 20
	for name, text := range map[string]io.Reader{
		"a cell":                  io.MultiReader(strings.NewReader("a,b\n1,"), &endless{"x"}),
		"a quoted cell":           io.MultiReader(strings.NewReader("a,b\n1,\""), &endless{"x\n"}),
		"an empty cell":           io.MultiReader(strings.NewReader("a,b\n"), &endless{","}),
		"a header":                &endless{"name,"},
		"a header of empty names": &endless{","},
	} {
		var err error
		memory := allocated(func() {
			err = format.Each(text, format.CSV{Ragged: format.RaggedPad}, limit, func(map[string]any) bool { return true })
		})
		assert.ErrorIs(t, err, format.ErrTooLarge, name)
		assert.Less(t, memory, uint64(40*limit), name)
	}
	err := format.Each(io.MultiReader(strings.NewReader("a,b\n1,2\n3,\""), &endless{"x\n"}), format.CSV{}, limit, func(map[string]any) bool { return true })
	assert.ErrorContains(t, err, "begins on line 3 is not closed")
}

// An endless reader repeats a text.
type endless struct{ text string }

func (e *endless) Read(p []byte) (int, error) {
	n := 0
	for n+len(e.text) <= len(p) {
		n += copy(p[n:], e.text)
	}
	if n == 0 {
		n = copy(p, e.text)
	}
	return n, nil
}

func TestAStructWithoutAFieldForAnyColumnIsReported(t *testing.T) {
	_, err := decodeString[transporttest.Item]("id;name\n1;ann\n", format.CSV{})
	assert.ErrorContains(t, err, "line 2")
	assert.ErrorContains(t, err, `set Comma of format.CSV to ';'`)
	log := recordDefaultLog(t)
	_, err = decodeString[transporttest.Item]("Nr,Bezeichnung\n1,ann\n", format.CSV{})
	assert.NoError(t, err)
	assert.Contains(t, log.String(), `columns are \"Nr\", \"Bezeichnung\"`)
	for text, want := range map[string]string{"id, name\n1,ann\n": "ann", " ID ,\tName \n1,ann\n": "ann", "id,name, name\n1,ann,bob\n": "ann"} {
		got, err := decodeString[*transporttest.Item](text, format.CSV{})
		require.NoError(t, err)
		assert.Equal(t, &transporttest.Item{ID: 1, Name: want}, got[0], "%q", text)
	}
	counted, err := decodeString[struct{}]("Nr\n1\n", format.CSV{})
	assert.NoError(t, err)
	assert.Len(t, counted, 1)
}

// recordDefaultLog records what is logged to the default logger during the test.
func recordDefaultLog(t *testing.T) *transporttest.LogRecord {
	t.Helper()
	log, before := new(transporttest.LogRecord), slog.Default()
	slog.SetDefault(log.Logger())
	t.Cleanup(func() { slog.SetDefault(before) })
	return log
}

// allocated returns the number of bytes that f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestBytesOfAFileThatAreNotTextAndSkippedRowsAreLoggedOnce(t *testing.T) {
	log := recordDefaultLog(t)
	_, err := rowsOf(t, "a,b\n1,caf\xe9\n2,caf\xe9\n3\n4\n", format.CSV{Ragged: format.RaggedSkip})
	require.NoError(t, err)
	assert.Equal(t, 1, strings.Count(log.String(), "charset.NewReader"), log.String())
	assert.Equal(t, 1, strings.Count(log.String(), "rows=2 first_line=4"), log.String())
	assert.Equal(t, 2, strings.Count(log.String(), "level=WARN"), log.String())
}

func TestTheUserIsWarnedOfBytesThatAreNotTextAndOfSkippedRows(t *testing.T) {
	counts := map[string]int{}
	ctx := userwarning.With(t.Context(), func(_, message string, n int) { counts[message] += n })
	for _, f := range []format.Format{format.CSV{Ragged: format.RaggedSkip}, format.Gzip(format.CSV{Ragged: format.RaggedSkip}), format.Zip{Format: format.CSV{Ragged: format.RaggedSkip}}} {
		clear(counts)
		text := []byte("a,b\n1,caf\xe9\n2,Z\xfcrich\n3\n4\n")
		switch f.(type) {
		case format.CSV:
		case format.Zip:
			text = zipped("a.csv", string(text))
		default:
			text = transporttest.Gzipped(string(text))
		}
		_, err := transporttest.Collect(format.DecodeContext[map[string]any](ctx, bytes.NewReader(text), f))
		require.NoError(t, err)
		assert.Equal(t, map[string]int{
			"the text of a file declares no charset and has a byte that is not valid UTF-8, which was replaced with U+FFFD: set the field Charset of format.CSV, or read the file through charset.NewReader": 2,
			"a row of a CSV text was skipped, because it has more or fewer cells than the header (line 4)":                                                                                                   2,
		}, counts)
	}
}

func TestAQuotedCellThatAnotherCommaFollowsNamesIt(t *testing.T) {
	for text, want := range map[string]string{
		"\"id\";\"name\"\n":   `if ';' separates the cells, set Comma of format.CSV to ';'`,
		"\"id\"\t\"name\"\n":  `set Comma of format.CSV to '\t'`,
		"\"id\" x,\"name\"\n": `LazyQuotes accepts it as it is`,
	} {
		for _, err := range format.Decode[map[string]any](strings.NewReader(text), format.CSV{}) {
			assert.ErrorContains(t, err, want)
		}
	}
}
