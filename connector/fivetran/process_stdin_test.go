//go:build unix

package fivetran_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
	"github.com/penstock-sdk/penstock/connector/stdin"
)

// syncOverStdin runs a program without arguments, which syncs over standard input and output,
// and stores what it delivers. It decodes JSON without the help of package schema, which the
// server uses.
func (w *warehouse) syncOverStdin(t testing.TB, cmd *exec.Cmd, configuration map[string]string) {
	t.Helper()
	request := map[string]any{"secrets": configuration}
	if w.state != "" {
		request["state"] = json.RawMessage(w.state)
	}
	input, err := json.Marshal(request)
	require.NoError(t, err)
	stderr := newOutputLog()
	cmd.Stdin, cmd.Stderr = bytes.NewReader(input), stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	for lines := stdin.NewReader(out); ; {
		line, err := lines.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err, stderr.String())
		switch line.Kind {
		case stdin.Record:
			w.change(w.changeOfLine(t, line))
		case stdin.State:
			w.checkpoint(string(line.State))
		case stdin.Log:
			w.warnings = append(w.warnings, line.Message)
		}
	}
	require.NoError(t, cmd.Wait(), stderr.String())
}

// recordTypes holds the type of the record of each operation.
var recordTypes = map[stdin.Op]protocol.RecordType{
	stdin.Upsert: protocol.Upsert, stdin.Update: protocol.Update, stdin.Delete: protocol.Delete, stdin.Truncate: protocol.TruncateTable,
}

// changeOfLine decodes a RECORD line.
func (w *warehouse) changeOfLine(t testing.TB, line *stdin.Line) rowChange {
	t.Helper()
	change := rowChange{table: line.Table, typ: recordTypes[line.Op], values: map[string]string{}}
	if w.several {
		change.table = line.Schema + "." + line.Table
	}
	if change.typ == protocol.TruncateTable {
		return change
	}
	types := map[string]protocol.DataType{}
	for _, column := range w.declared[change.table].Columns {
		types[column.Name] = column.Type
	}
	var row map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(line.Row, &row))
	for name, value := range row {
		change.values[name] = jsonText(t, types[name], value)
	}
	return change
}

// layouts holds the forms of dates and times in JSON.
var layouts = map[protocol.DataType]string{
	protocol.NaiveDate: dateText, protocol.NaiveDatetime: "2006-01-02T15:04:05.999999999", protocol.UTCDatetime: time.RFC3339Nano,
}

// textTypes holds the types whose values are in JSON strings, and the types in their texts.
var textTypes = map[protocol.DataType]string{
	protocol.Decimal: "decimal", protocol.XML: "xml", protocol.String: "string", protocol.Unspecified: "string",
	protocol.NaiveDate: "date", protocol.NaiveDatetime: "datetime", protocol.UTCDatetime: "instant", protocol.Binary: "binary",
}

// jsonText returns the text that [valueText] returns for the same value.
func jsonText(t testing.TB, typ protocol.DataType, value json.RawMessage) string {
	t.Helper()
	if string(value) == "null" {
		return "null"
	}
	switch typ {
	case protocol.JSON:
		return "json " + string(value)
	case protocol.Boolean:
		return "boolean " + string(value)
	case protocol.Short, protocol.Int, protocol.Long:
		return map[protocol.DataType]string{protocol.Short: "short ", protocol.Int: "int ", protocol.Long: "long "}[typ] + string(value)
	case protocol.Float, protocol.Double:
		return floatText(t, typ, string(value))
	case protocol.Unspecified:
		if value[0] != '"' {
			return undeclaredText(t, value)
		}
	}
	var text string
	require.NoError(t, json.Unmarshal(value, &text))
	if layout := layouts[typ]; layout != "" {
		at, err := time.Parse(layout, text)
		require.NoError(t, err)
		text = at.UTC().Format(datetimeText)
	}
	if typ == protocol.Binary {
		b, err := base64.StdEncoding.DecodeString(text)
		require.NoError(t, err)
		text = hex.EncodeToString(b)
	}
	return textTypes[typ] + " " + text
}

// undeclaredText returns the text of a value, other than a string, of a column that the table
// does not declare.
func undeclaredText(t testing.TB, value json.RawMessage) string {
	t.Helper()
	switch value[0] {
	case '{', '[':
		return "json " + string(value)
	case 't', 'f':
		return "boolean " + string(value)
	}
	if _, err := strconv.ParseInt(string(value), 10, 64); err == nil {
		return "long " + string(value)
	}
	digits := strings.NewReplacer("-", "", ".", "").Replace(string(value))
	if len(digits) > 17 && !strings.ContainsAny(digits, "eE") {
		return "decimal " + string(value)
	}
	return floatText(t, protocol.Double, string(value))
}

func floatText(t testing.TB, typ protocol.DataType, digits string) string {
	t.Helper()
	bits, name := 64, "double "
	if typ == protocol.Float {
		bits, name = 32, "float "
	}
	f, err := strconv.ParseFloat(digits, bits)
	require.NoError(t, err)
	return name + strconv.FormatFloat(f, 'g', -1, 64)
}
