package bridge

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
	"github.com/penstock-sdk/penstock/internal/rawjson"
	"github.com/penstock-sdk/penstock/schema"
)

// forms holds the form of the row of each type of records, except TRUNCATE.
var forms = map[protocol.RecordType]schema.Form{
	protocol.Upsert: schema.Full, protocol.Update: schema.Partial, protocol.Delete: schema.Keys,
}

// misfit reports a value that is not valid. The error says what to do.
func (t *table) misfit(column string, err error) error {
	return &connector.Error{Kind: connector.Defect, Hint: "this is a defect of the source", Err: fmt.Errorf("table %s, column %s: %w", t, column, err)}
}

var errTwice = errors.New("the record has the column twice")

// sort finds the value of each column in a record, and the values of columns that the table
// does not declare, sorted by name: sources send the columns of a record in any order. A
// value that is deselected is an error if the source was told so. Otherwise it is left out.
func (t *table) sort(r *protocol.Record, sent sentSelection) error {
	for i := range t.cells {
		t.cells[i] = -1
	}
	t.extra = t.extra[:0]
	for i := range r.Values {
		v := &r.Values[i]
		if t.selected.drops(v.Name) {
			if sent.drops(r, v.Name) {
				return t.misfit(v.Name, errors.New("the selection excludes the column; leave it out as UpdateRequest.selection says"))
			}
			continue
		}
		switch column, declared := t.index[v.Name]; {
		case !declared:
			t.extra = append(t.extra, i)
		case t.cells[column] >= 0:
			return t.misfit(v.Name, errTwice)
		default:
			t.cells[column] = i
		}
	}
	slices.SortFunc(t.extra, func(a, b int) int { return cmp.Compare(r.Values[a].Name, r.Values[b].Name) })
	for i := 1; i < len(t.extra); i++ {
		if name := r.Values[t.extra[i]].Name; name == r.Values[t.extra[i-1]].Name {
			return t.misfit(name, errTwice)
		}
	}
	return nil
}

// appendRow appends the values that sort has found as a JSON object.
func (t *table) appendRow(b []byte, r *protocol.Record) ([]byte, error) {
	b = append(b, '{')
	n := 0
	add := func(typ protocol.DataType, key bool, v *protocol.NamedValue) error {
		err := checkKind(typ, &v.Value)
		if err == nil && typ == protocol.Unspecified {
			err = checkDecimal(&v.Value)
		}
		if err != nil {
			return t.misfit(v.Name, err)
		}
		b = append(rawjson.AppendString(rawjson.AppendComma(b, n), v.Name), ':')
		n++
		if key && typ == protocol.Unspecified {
			b, err = appendText(b, &v.Value)
		} else {
			b, err = appendValue(b, &v.Value)
		}
		if err != nil {
			return t.misfit(v.Name, err)
		}
		return nil
	}
	for column, i := range t.cells {
		if i < 0 {
			continue
		}
		if err := add(t.types[column], t.Columns[column].PrimaryKey, &r.Values[i]); err != nil {
			return b, err
		}
	}
	for _, i := range t.extra {
		if err := add(protocol.Unspecified, false, &r.Values[i]); err != nil {
			return b, err
		}
	}
	return append(b, '}'), nil
}

// encode appends the row of a record in the form of the stdin protocol. It uses scratch, which
// it returns, for the row before it is checked.
func (t *table) encode(b, scratch []byte, r *protocol.Record, sent sentSelection) (row, used []byte, err error) {
	if r.RowData {
		return b, scratch, &connector.Error{
			Kind: connector.Configuration, Hint: "start the source without the environment variable ConnectorSdkRemoveValueType",
			Err: fmt.Errorf("table %s: the record has row_data instead of data", t),
		}
	}
	if err := t.sort(r, sent); err != nil {
		return b, scratch, err
	}
	if scratch, err = t.appendRow(scratch[:0], r); err != nil {
		return b, scratch, err
	}
	if t.undeclared {
		return append(b, scratch...), scratch, nil
	}
	if b, err = t.encoder.Append(b, scratch, forms[r.Type]); err != nil {
		return b, scratch, &connector.Error{Kind: connector.Defect, Hint: "correct the record or the declared table: this is a defect of the source", Err: err}
	}
	return b, scratch, nil
}
