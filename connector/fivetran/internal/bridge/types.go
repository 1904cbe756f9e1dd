package bridge

import (
	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
	"github.com/penstock-sdk/penstock/schema"
)

// types holds the types of columns that a source may declare.
var types = map[protocol.DataType]schema.Type{
	protocol.Boolean: schema.TypeBoolean, protocol.Short: schema.TypeShort, protocol.Int: schema.TypeInt,
	protocol.Long: schema.TypeLong, protocol.Decimal: schema.TypeDecimal, protocol.Float: schema.TypeFloat,
	protocol.Double: schema.TypeDouble, protocol.NaiveDate: schema.TypeNaiveDate,
	protocol.NaiveDatetime: schema.TypeNaiveDatetime, protocol.UTCDatetime: schema.TypeUTCDatetime,
	protocol.Binary: schema.TypeBinary, protocol.XML: schema.TypeXML, protocol.String: schema.TypeString,
	protocol.JSON: schema.TypeJSON,
}

// kinds holds the kind of the values of each type.
var kinds = map[protocol.DataType]protocol.ValueKind{
	protocol.Boolean: protocol.BoolValue, protocol.Short: protocol.ShortValue, protocol.Int: protocol.IntValue,
	protocol.Long: protocol.LongValue, protocol.Decimal: protocol.DecimalValue, protocol.Float: protocol.FloatValue,
	protocol.Double: protocol.DoubleValue, protocol.NaiveDate: protocol.NaiveDateValue,
	protocol.NaiveDatetime: protocol.NaiveDatetimeValue, protocol.UTCDatetime: protocol.UTCDatetimeValue,
	protocol.Binary: protocol.BinaryValue, protocol.XML: protocol.XMLValue, protocol.String: protocol.StringValue,
	protocol.JSON: protocol.JSONValue,
}

// kindNames holds the names of the fields of the message ValueType.
var kindNames = map[protocol.ValueKind]string{
	0: "nothing", protocol.NullValue: "null", protocol.BoolValue: "bool", protocol.ShortValue: "short",
	protocol.IntValue: "int", protocol.LongValue: "long", protocol.FloatValue: "float", protocol.DoubleValue: "double",
	protocol.NaiveDateValue: "naive_date", protocol.NaiveDatetimeValue: "naive_datetime",
	protocol.UTCDatetimeValue: "utc_datetime", protocol.DecimalValue: "decimal", protocol.BinaryValue: "binary",
	protocol.StringValue: "string", protocol.JSONValue: "json", protocol.XMLValue: "xml", protocol.NaiveTimeValue: "naive_time",
}
