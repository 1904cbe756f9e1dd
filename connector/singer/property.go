package singer

import "github.com/penstock-sdk/penstock/schema"

// deletedAt is the property that marks a deleted row. Targets know it by this name.
const deletedAt = "_sdc_deleted_at"

// A property is the JSON Schema of a column. Types is its type without null, and rest
// holds its other keywords.
type property struct{ types, rest string }

// properties maps each type of a column to its JSON Schema. Some targets accept less
// than JSON Schema allows:
//
//   - A DECIMAL is a string, because a number loses digits. With this format, targets
//     of the Meltano SDK make a numeric column.
//   - A NAIVE_DATETIME has no format, because "date-time" requires a zone.
//   - JSON lists all types, because some targets drop a property without a type.
var properties = map[schema.Type]property{
	schema.TypeBoolean:       {`"boolean"`, ""},
	schema.TypeShort:         {`"integer"`, `,"minimum":-32768,"maximum":32767`},
	schema.TypeInt:           {`"integer"`, `,"minimum":-2147483648,"maximum":2147483647`},
	schema.TypeLong:          {`"integer"`, `,"minimum":-9223372036854775808,"maximum":9223372036854775807`},
	schema.TypeFloat:         {`"number"`, ""},
	schema.TypeDouble:        {`"number"`, ""},
	schema.TypeDecimal:       {`"string"`, `,"format":"x-singer.decimal"`},
	schema.TypeNaiveDate:     {`"string"`, `,"format":"date"`},
	schema.TypeNaiveDatetime: {`"string"`, ""},
	schema.TypeUTCDatetime:   {`"string"`, `,"format":"date-time"`},
	schema.TypeBinary:        {`"string"`, `,"contentEncoding":"base64"`},
	schema.TypeXML:           {`"string"`, ""},
	schema.TypeString:        {`"string"`, ""},
	schema.TypeJSON:          {`"object","array","string","number","boolean"`, ""},
}

// appendProperty appends the JSON Schema of a column. Only a key cannot be null.
func appendProperty(b []byte, t schema.Type, isKey bool) []byte {
	p := properties[t]
	if isKey {
		b = append(append(b, `{"type":`...), p.types...)
	} else {
		b = append(append(append(b, `{"type":["null",`...), p.types...), ']')
	}
	return append(append(b, p.rest...), '}')
}

// appendSchema appends the JSON Schema of a table with the columns that wanted
// accepts. A table with a key also has the mark of a deleted row.
func appendSchema(b []byte, t *schema.Table, wanted func(*schema.Column) bool) []byte {
	b = append(b, `{"type":"object","properties":{`...)
	n := 0
	for i := range t.Columns {
		c := &t.Columns[i]
		if isMark(c.Name) || !wanted(c) {
			continue
		}
		b = append(appendQuoted(comma(b, n), c.Name), ':')
		b = appendProperty(b, c.Type, c.PrimaryKey)
		n++
	}
	if len(t.PrimaryKey()) > 0 {
		b = append(appendQuoted(comma(b, n), deletedAt), ':')
		b = appendProperty(b, schema.TypeUTCDatetime, false)
	}
	return append(b, "}}"...)
}
