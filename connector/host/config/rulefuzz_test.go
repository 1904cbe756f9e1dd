package config_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
)

func FuzzAnySchemaGivesTheSameProblemsTwice(f *testing.F) {
	for _, seed := range [][2]string{
		{`{"type":["string","integer"],"enum":[1,"a"],"minimum":0.5,"multipleOf":0.1}`, `1`},
		{`{"properties":{"a":{"$ref":"#/properties/value"}},"required":["a","b"],"patternProperties":{"^b":false}}`, `{"a":{"b":1}}`},
		{`{"prefixItems":[{"format":"date"}],"contains":{"pattern":"^a"},"uniqueItems":true,"maxItems":1}`, `["a","b","a"]`},
		{`{"if":{"minLength":2},"then":{"not":{}},"else":{"oneOf":[true,true]},"$defs":{"a":{}}}`, `"ab"`},
		{`{"$ref":"#/properties/value/anyOf/0","anyOf":[{"$ref":"#/properties/value"}]}`, `null`},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, schema, value string) {
		var keywords map[string]json.RawMessage
		if json.Unmarshal([]byte(schema), &keywords) != nil || !json.Valid([]byte(value)) {
			t.Skip()
		}
		form := ruledBy(t, schema)
		_, _, first := form.Decode([]byte(`{"value":` + value + `}`))
		_, _, second := form.Decode([]byte(`{"value":` + value + `}`))
		_, _, third := ruledBy(t, schema).Decode([]byte(`{"value":` + value + `}`))
		if first == nil {
			require.NoError(t, second)
			require.NoError(t, third)
			return
		}
		require.EqualError(t, second, first.Error())
		require.EqualError(t, third, first.Error())
		require.NotEqual(t, connector.Transient, connector.KindOf(first))
	})
}

func FuzzAValueIsItsOwnConstantAndChoice(f *testing.F) {
	for _, value := range []string{`1`, `1.50`, `"a"`, `[1,{"a":null}]`, `{"b":1e2,"a":[]}`, `true`, `-0.0`} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		value = strings.TrimSpace(value)
		if !json.Valid([]byte(value)) || value == `""` || value == "null" {
			t.Skip() // the field keeps its default
		}
		accepted := problemsOf(t, ruledBy(t, `{}`), value)
		if accepted != "" {
			require.Contains(t, accepted, "value: want valid") // JSON that no field takes
			return
		}
		for schema, want := range map[string]string{
			`{"const":` + value + `}`:                                "",
			`{"enum":[0.125,` + value + `]}`:                         "",
			`{"not":{"const":` + value + `}}`:                        "value: breaks the rule ",
			`{"items":{"const":[` + value + `]}}`:                    "",
			`{"allOf":[{"anyOf":[false,{"enum":[` + value + `]}]}]}`: "",
		} {
			given := value
			if strings.Contains(schema, "items") {
				given = `[[` + value + `]]`
			}
			require.Equal(t, want, problemsOf(t, ruledBy(t, schema), given), schema)
		}
		require.Equal(t, "value: want items that are all different", problemsOf(t, ruledBy(t, `{"uniqueItems":true}`), `[0.125,`+value+`,`+value+`]`))
	})
}

func FuzzFormatsThatContainOthersAgree(f *testing.F) {
	for _, examples := range formatExamples {
		for _, text := range append(examples.good, examples.bad...) {
			f.Add(text, "T23:59:60Z")
		}
	}
	f.Add("2020-01-01", "08:30:06+01:00")
	f.Fuzz(func(t *testing.T, a, b string) {
		if !utf8.ValidString(a) || !utf8.ValidString(b) {
			t.Skip()
		}
		is := func(format, text string) bool { return hasFormat(t, format, text) }
		for format := range formatExamples {
			is(format, a)
		}
		assert.Equal(t, is("date", a) && is("time", b) && len(a) == len("2006-01-02"), is("date-time", a+"T"+b) && len(a) == len("2006-01-02"))
		if is("date-time", a) && is("duration", b) {
			assert.True(t, is("period", a+"/"+b) && is("period", b+"/"+a))
		}
		assert.Equal(t, is("json-pointer", a) && a != "", strings.HasPrefix(a, "/") && is("relative-json-pointer", "0"+a))
		assert.Equal(t, is("ipv4", a), is("email", "x@["+a+"]") && !strings.HasPrefix(a, "IPv6:"))
		assert.Equal(t, is("ipv6", a), is("email", "x@[IPv6:"+a+"]"))
		if is("uri", a) && !strings.Contains(a, `\`) {
			assert.True(t, is("uri-reference", a))
		}
	})
}
