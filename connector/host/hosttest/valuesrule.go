package hosttest

import (
	"context"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/state"
)

var valuesRule = rule{
	name:     "Values",
	contract: "every value of every type arrives with every digit, fraction of a second, byte and character that the source sent",
	fix:      "copy the row as JSON, or read it with schema.RowReader; do not decode numbers into a float64 or times into a type with less precision",
	check: func(c *check) {
		s := syncing(typed, func(_ context.Context, _ state.State, out connector.Emitter) error {
			for _, row := range rowsOfValues {
				if err := out.Upsert("values", []byte(row)); err != nil {
					return err
				}
			}
			if err := out.Delete("values", []byte(rowsOfValues[1])); err != nil {
				return err
			}
			for range 2 { // a table without a key
				if err := out.Upsert("events", []byte(`{"text":"again"}`)); err != nil {
					return err
				}
			}
			return out.Delete("pairs", map[string]any{"left": "l", "right": "2026-01-02", "a_note": "n"})
		})
		a := c.succeed(call{source: s, request: Request{Configuration: []byte(configured)}})
		tables, err := typed()
		if err != nil {
			c.fatal("%v", err)
		}
		var want []change
		for _, row := range rowsOfValues {
			want = append(want, change{host.OpUpsert, "shop.values", row})
		}
		want = append(want, change{host.OpDelete, "shop.values", `{"key":9223372036854775807}`},
			change{host.OpUpsert, "shop.events", `{"text":"again"}`}, change{host.OpUpsert, "shop.events", `{"text":"again"}`},
			change{host.OpDelete, "shop.pairs", `{"left":"l","right":"2026-01-02"}`})
		c.want(a, tables, want...)
	},
}

// rowsOfValues holds rows of the table values of typed, in canonical form.
var rowsOfValues = []string{
	`{"key":-9223372036854775808,"c_boolean":false,"c_short":-32768,"c_int":-2147483648,"c_long":-9223372036854775808,` +
		`"c_float":-3.4028235e+38,"c_double":5e-324,"c_decimal":"-12345678901234567890123456789.123456789",` +
		`"c_naive_date":"0001-01-01","c_naive_datetime":"0001-01-01T00:00:00","c_utc_datetime":"0001-01-01T00:00:00Z",` +
		`"c_binary":"AP8BgA==","c_xml":"<a b=\"c\">&amp;</a>","c_string":"","c_json":{}}`,
	`{"key":9223372036854775807,"c_boolean":true,"c_short":32767,"c_int":2147483647,"c_long":9223372036854775807,` +
		`"c_float":0.1,"c_double":1.7976931348623157e+308,"c_decimal":"0.100000000",` +
		`"c_naive_date":"9999-12-31","c_naive_datetime":"9999-12-31T23:59:59.123456789","c_utc_datetime":"9999-12-31T23:59:59.123456789Z",` +
		`"c_binary":"","c_xml":"é","c_string":"\u0000\u0001\b\t\n\f\r\u001f\u007f\"\\/<>&'` + "\\u2028\\u2029" + ` é 漢字 😀 \ufffd",` +
		`"c_json":{"n":9007199254740993,"d":1.50,"e":-0.10e-7,"t":"a\"\\\u0000é","deep":[[{"a":[null,true,{"b":{}}]}],[]]}}`,
	`{"key":9007199254740993,"c_boolean":null,"c_short":null,"c_int":null,"c_long":9007199254740993,"c_float":null,"c_double":0.30000000000000004,` +
		`"c_decimal":null,"c_naive_date":null,"c_naive_datetime":null,"c_utc_datetime":"2026-01-02T03:04:05.000000001Z","c_binary":null,` +
		`"c_xml":null,"c_string":null,"c_json":null}`,
	`{"key":0,"c_json":"text","c_string":"null"}`,
	`{"key":1,"c_json":[1,"2",null]}`,
}
