package main

// A change is a change of a row. Its operation is upsert, update or delete.
type change struct {
	step      int // the first state of the source that has the change
	op, table string
	row       string // the columns that change, in JSON
	whole     string // the whole row after an update
	notFor    string // the reader that cannot store the change
}

// The readers that cannot store some changes.
const (
	postgres  = "postgres"  // no U+0000 in text
	pyAirbyte = "pyairbyte" // no very large floats, and a key only once in each sync
)

var changes = []change{
	{1, "upsert", "values", lowest, "", ""},
	{1, "upsert", "values", highest, "", ""},
	{1, "upsert", "values", `{"id":9007199254740993,"part":"nulls"}`, "", ""},
	{1, "upsert", "values", `{"id":9007199254740993,"part":"text \"in\" JSON","c_json":"text","c_string":"null","c_array":[],"c_object":{}}`, "", ""},
	{1, "upsert", "values", `{"id":9007199254740992,"part":"array","c_json":[1,"2",null,{"a":[]}],"c_string":" spaces ","c_binary":"AA=="}`, "", ""},
	{1, "upsert", "values", `{"id":3,"part":"number","c_json":9007199254740993,"c_string":"'; drop table \"values\"; --","c_double":1e21}`, "", ""},
	{1, "upsert", "values", `{"id":4,"part":"boolean","c_json":false,"c_string":"C:\\new\\table","c_double":123456789.125}`, "", ""},
	{1, "upsert", "values", `{"id":5,"part":"twice","c_string":"first"}`, "", pyAirbyte},
	{1, "upsert", "values", `{"id":5,"part":"twice","c_string":"second","c_long":9007199254740995}`, "", pyAirbyte},
	{1, "upsert", "values", `{"id":6,"part":"deleted","c_string":"will be deleted"}`, "", ""},
	{1, "upsert", "values", `{"id":7,"part":"updated","c_string":"old","c_decimal":"0.10","c_json":{"kept":[9007199254740993,1.50]}}`, "", ""},
	{1, "upsert", "values", `{"id":8,"part":"returns","c_string":"first life","c_short":1}`, "", pyAirbyte},
	{1, "upsert", "values", `{"id":9,"part":"NUL","c_string":"a\u0000b","c_json":{"a\u0000":"\u0000"}}`, "", postgres},
	{1, "upsert", "values", `{"id":9,"part":"smallest floats","c_float":-3.4028235e+38,"c_double":5e-324}`, "", pyAirbyte},
	{1, "upsert", "values", `{"id":9,"part":"largest floats","c_float":1e-45,"c_double":1.7976931348623157e+308}`, "", pyAirbyte},
	{1, "upsert", "values", `{"id":12,"part":"nanoseconds","c_utc_datetime":"2026-01-02T03:04:05.123456789Z","c_naive_datetime":"2026-01-02T03:04:05.000000999"}`, "", ""},
	{1, "upsert", "events", `{"at":"2026-01-02T03:04:05.123456Z","text":"again"}`, "", ""},
	{1, "upsert", "events", `{"at":"2026-01-02T03:04:05.123456Z","text":"again"}`, "", ""},
	{1, "upsert", "events", `{"at":null,"text":"at no time"}`, "", ""},

	{2, "delete", "values", `{"id":6,"part":"deleted"}`, "", ""},
	{2, "update", "values", `{"id":7,"part":"updated","c_string":"new"}`,
		`{"id":7,"part":"updated","c_string":"new","c_decimal":"0.10","c_json":{"kept":[9007199254740993,1.50]}}`, ""},
	{2, "delete", "values", `{"id":8,"part":"returns"}`, "", pyAirbyte},
	{2, "upsert", "values", `{"id":8,"part":"returns","c_string":"second life"}`, "", pyAirbyte},
	{2, "upsert", "values", `{"id":9007199254740993,"part":"nulls","c_string":"no longer null","c_boolean":true}`, "", ""},
	{2, "upsert", "values", `{"id":10,"part":"created and deleted","c_string":"short life"}`, "", pyAirbyte},
	{2, "delete", "values", `{"id":10,"part":"created and deleted"}`, "", pyAirbyte},
	{2, "upsert", "values", `{"id":11,"part":"added","c_decimal":"-0.000000000000000001","c_utc_datetime":"2026-01-02T03:04:05.000001Z"}`, "", ""},
	{2, "upsert", "events", `{"at":"2026-01-02T03:04:05.123456Z","text":"again"}`, "", ""},
}

const lowest = `{"id":-9223372036854775808,"part":"","c_boolean":false,"c_short":-32768,"c_int":-2147483648,` +
	`"c_long":-9223372036854775808,"c_float":-0.1,"c_double":-0.30000000000000004,` +
	`"c_decimal":"-12345678901234567890123456789.123456789","c_naive_date":"0001-01-01",` +
	`"c_naive_datetime":"0001-01-01T00:00:00","c_utc_datetime":"0001-01-01T00:00:00Z","c_binary":"AP8BgA==",` +
	`"c_xml":"<a b=\"c\">&amp;</a>","c_string":"","c_json":{},"c_object":{"a":{}},"c_array":["a",1],"group":"b"}`

const highest = `{"id":9223372036854775807,"part":"É 漢 🎁","c_boolean":true,"c_short":32767,"c_int":2147483647,` +
	`"c_long":9223372036854775807,"c_float":16777216,"c_double":9007199254740992,"c_decimal":"0.100000000",` +
	`"c_naive_date":"9999-12-31","c_naive_datetime":"9999-12-31T23:59:59.123456","c_utc_datetime":"9999-12-31T23:59:59.123456Z",` +
	`"c_binary":"","c_xml":"é","c_string":"\u0001\b\t\n\f\r\u001f\u007f\"\\/<>&', é 漢字 😀 \u2028\ufffd",` +
	`"c_json":{"n":9007199254740993,"d":1.50,"e":-0.10e-7,"t":"a\"\\\né","deep":[[{"a":[null,true,{"b":{}}]}],[]]},` +
	`"c_object":{"größe":[1,2]},"c_array":[null,{"a":9007199254740993},"b,\"c\""],"group":null}`

// snapshots holds the rows of snapshot in the two states of the source.
var snapshots = [2][]Entry{
	{{1, "leaves"}, {2, "stays"}, {3, "old"}},
	{{2, "stays"}, {3, "new"}, {4, "arrives"}},
}
