package format_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/internal/userwarning"
	"github.com/penstock-sdk/penstock/transport/format"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
)

func TestAnEscapedMarkForNullIsText(t *testing.T) {
	got, err := rowsOf(t, "a\tb\n\\N\t\\\\N\n\"\\N\"\tx\\\tN\n", format.CSV{Comma: '\t', Escape: '\\', Null: []string{`\N`, "x\\N"}})
	require.NoError(t, err)
	assert.Equal(t, []string{`null|\N`, "\\N|x\tN"}, got)
}

func TestAnEmptyCellIsToldFromAnEmptyTextIfBothFieldsSaySo(t *testing.T) {
	got, err := rowsOf(t, "a,b\n,\"\"\n", format.CSV{EmptyText: true, Null: []string{""}})
	require.NoError(t, err)
	assert.Equal(t, []string{"null|"}, got)
}

func TestASeparatorLineMayBeInQuotes(t *testing.T) {
	for _, text := range []string{"\"sep=;\"\r\na;b\r\n1;2\r\n", "\xef\xbb\xbf\"SEP=\t\"\na\tb\n1\t2\n"} {
		got, err := rowsOf(t, text, format.CSV{})
		require.NoError(t, err)
		assert.Equal(t, []string{"1|2"}, got)
	}
	got, err := rowsOf(t, "\"sep=;\",a\n1,2\n", format.CSV{}) // a column with this name
	require.NoError(t, err)
	assert.Equal(t, []string{"2"}, got)
}

func TestByteOrderMarksOfJoinedFilesAreNotAPartOfAColumnName(t *testing.T) {
	got, err := rowsOf(t, "\xef\xbb\xbf\xef\xbb\xbfa\n1\n", format.CSV{})
	require.NoError(t, err)
	assert.Equal(t, []string{"1"}, got)
}

func TestAMarkForNullThatNoCellCanHaveIsAnError(t *testing.T) {
	for _, null := range []string{"a,b", `"NULL"`, "x\n"} {
		_, err := rowsOf(t, "a\n1\n", format.CSV{Null: []string{null}})
		assert.ErrorContains(t, err, "Null must not contain it", null)
	}
	_, err := rowsOf(t, "a\n1\n", format.CSV{Null: []string{`"NULL"`}, Quote: format.NoQuote})
	assert.NoError(t, err)
}

func TestTextThatIsNotATableIsNotATableWithoutRows(t *testing.T) {
	for text, want := range map[string]string{
		"<!DOCTYPE html><html></html>":             "markup",
		"<HTML>":                                   "markup",
		"<?xml version='1.0'?><Error>":             "markup",
		"<Error><Code>AccessDenied</Code></Error>": "markup",
		"%PDF-1.7\n":                               "a PDF document",
		"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":         "an Excel workbook (xls)",
		"7z\xbc\xaf\x27\x1c\x00":                   "a 7z archive",
		"Obj\x01\x04\x14":                          "an Avro file",
		"PAR1\x15\x04":                             "a Parquet file",
		"BZh11AY&SY":                               "bzip2",
		"x.csv" + strings.Repeat("\x00", 252) + "ustar\x0000": "a tar archive",
		"a\x00b\n": "NUL",
	} {
		_, err := rowsOf(t, text, format.CSV{})
		assert.ErrorContains(t, err, want, "%q", text)
	}
	for _, text := range []string{"<TICKER>,<PER>\n", "%PDF\n", "PAR1,a\n", "BZh1,a\n", "PK\n", "7z\n", "P", "B"} {
		_, err := rowsOf(t, text, format.CSV{})
		assert.NoError(t, err, "%q", text)
	}
}

func TestTheUserIsWarnedOfATableThatIsLikelyReadWrong(t *testing.T) {
	for _, c := range []struct {
		name, text string
		format     format.CSV
		want       string // "" if there is no warning
	}{
		{"wrong separator", "a;b\n1;2\n", format.CSV{}, `set Comma of format.CSV to ';'`},
		{"another wrong separator", "a,b\n1,2\n", format.CSV{Comma: ';'}, `set Comma of format.CSV to ','`},
		{"a column that is named by the author", "1;2\n", format.CSV{Header: []string{"a;b"}}, ""},
		{"one column", "a\n1;2\n", format.CSV{}, ""},
		{"several columns", "a;b,c\n1,2\n", format.CSV{}, ""},
		{"sep=", "sep=;\na,b\n1,2\n", format.CSV{}, `set Comma of format.CSV to ','`},
		{"fewer rows than the footer", "a,b\n1,2\n3,4\n", format.CSV{SkipFooter: 3}, "has 2 rows, all of which were skipped"},
		{"no rows and a footer", "a,b\n", format.CSV{SkipFooter: 3}, ""},
		{"the footer alone", "a,b\n3,4\n", format.CSV{SkipFooter: 1}, ""},
	} {
		recordDefaultLog(t)
		var warnings []string
		ctx := userwarning.With(t.Context(), func(_, message string, _ int) { warnings = append(warnings, message) })
		_, err := transporttest.Collect(format.DecodeContext[map[string]any](ctx, strings.NewReader(c.text), c.format))
		require.NoError(t, err, c.name)
		if c.want == "" {
			assert.Empty(t, warnings, c.name)
		} else if assert.Len(t, warnings, 1, c.name) {
			assert.Contains(t, warnings[0], c.want, c.name)
		}
	}
}

func TestTheErrorOfACellThatDoesNotFitSaysHowToReadIt(t *testing.T) {
	type row struct {
		N int64
		F *float64
		B bool
	}
	for text, want := range map[string]string{
		"N\n007\n":  "value.ParseNumber",
		"N\n1e3\n":  "value.ParseNumber",
		"F\n.5\n":   "value.ParseNumber",
		"F\n1.5-\n": "value.ParseNumber",
		"B\non\n":   "into a string",
	} {
		_, err := decodeString[row](text, format.CSV{})
		assert.ErrorContains(t, err, want, text)
		assert.ErrorContains(t, err, "line 2", text)
	}
}
