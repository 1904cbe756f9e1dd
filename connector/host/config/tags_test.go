package config_test

import (
	"encoding/json"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host/config"
)

// tagged returns the error of FormOf for a struct with a field F of the type of v.
func tagged(v any, tag string) error {
	t := reflect.StructOf([]reflect.StructField{{Name: "F", Type: reflect.TypeOf(v), Tag: reflect.StructTag(tag)}})
	_, err := config.FormOfStruct(reflect.Zero(t))
	return err
}

func TestMistakesInATagNameTheFieldTheTagAndTheFix(t *testing.T) {
	for _, test := range []struct {
		value any
		tag   string
		want  string // empty if there is no mistake
	}{
		// Options that apply to the type.
		{"", `jsonschema:"title=T,description=D,required,nullable,minLength=1,maxLength=2,pattern=^a$,format=uri,readOnly=true,writeOnly=false,example=a,example=b,enum=a,enum=b,anchor=x"`, ""},
		{0, `jsonschema:"multipleOf=5,minimum=-1,maximum=1e3,exclusiveMinimum=0.5,exclusiveMaximum=9,example=1,enum=1,enum=2"`, ""},
		{0.5, `jsonschema:"minimum=0.5,enum=0.5"`, ""},
		{false, `jsonschema:"title=T,required"`, ""},
		{[]string{}, `jsonschema:"minItems=1,maxItems=2,uniqueItems=true,format=uri,pattern=a,enum=a,minLength=1"`, ""},
		{[]int{}, `jsonschema:"minimum=1,enum=1"`, ""},
		{map[string]int{}, `jsonschema:"title=T"`, ""},
		{json.RawMessage{}, `jsonschema:"type=object"`, ""},
		{netip.Addr{}, `jsonschema:"enum=10.0.0.1,format=ipv4"`, ""},
		{time.Second, `jsonschema:"enum=1m0s"`, ""},
		{"", `jsonschema:"oneof_required=a,anyof_required=b"`, ""},
		{"", `jsonschema:"oneof_type=string;integer"`, ""},
		{"", `jsonschema:"rotates"`, ""},
		{connector.Secret(""), `jsonschema:"rotates,title=Refresh token"`, ""},
		{"", `jsonschema:"title=Name\\, first and last,pattern=^[0-9]{3\\,6}$"`, ""},
		{"", `jsonschema_description:"Your key, from Settings > API" jsonschema_extras:"x-order=1,x-a=b"`, ""},
		{"", `jsonschema:""`, ""},

		// Unknown options, and options of another type.
		{0, `jsonschema:"minimun=1"`, `"minimun=1": unknown option: a field of JSON type integer takes default, description, enum, example, exclusiveMaximum`},
		{"", `jsonschema:"minimum=1"`, `"minimum=1": the option does not apply to a field of JSON type string, which takes default, description, enum`},
		{0, `jsonschema:"minLength=1"`, `"minLength=1": the option does not apply to a field of JSON type integer`},
		{time.Second, `jsonschema:"minimum=1"`, `does not apply to a field of JSON type string`},
		{false, `jsonschema:"enum=true"`, `"enum=true": the option does not apply to a field of JSON type boolean`},
		{map[string]string{}, `jsonschema:"minLength=1"`, `does not apply to a field of JSON type object`},
		{[]int{}, `jsonschema:"pattern=a"`, `does not apply to a field of JSON type array with items of type integer`},
		{"", `jsonschema:"oneof_type=string;integer,minLength=1"`, `does not apply to a field without a JSON type`},
		{"", `jsonschema:"-"`, "tag it `json:\"-\"`"},
		{0, `jsonschema:"rotates"`, `"rotates": only text and secrets can rotate, not a field of type int`},
		{"", `jsonschema:"required=true"`, `"required=true": write required alone, without a value`},
		{[]string{}, `jsonschema:"uniqueItems"`, `"uniqueItems": write uniqueItems=, followed by the value`},
		{"", `jsonschema:"title"`, `"title": write title=, followed by the value`},
		{"", `jsonschema:"title=T, format=uri"`, `" format=uri": remove the space before the option`},
		{"", `jsonschema:"title=T,"`, `remove the extra comma`},
		{"", `jsonschema:"title=A,title=B"`, `"title=B": title is given twice`},
		{"", `jsonschema:"description=a" jsonschema_description:"b"`, `the jsonschema tag also has a description`},
		{"", `json: "a"`, "this part of its tag has no effect"},
		{"", `json_schema:"title=A"`, `its tag has the key json_schema: write jsonschema`},
		{"", `jsonschema_descrption:"a"`, `unknown tag jsonschema_descrption`},

		// Values that cannot be parsed.
		{0, `jsonschema:"minimum=one"`, `"minimum=one": want a number`},
		{0, `jsonschema:"minimum="`, `"minimum=": want a number`},
		{0, `jsonschema:"minimum=1=2"`, `"minimum=1=2": want a number`},
		{0, `jsonschema:"maximum=NaN"`, `"maximum=NaN": want a number`},
		{0, `jsonschema:"maximum=1e1000"`, `"maximum=1e1000": want a number`},
		{0, `jsonschema:"multipleOf=0"`, `want a number above zero`},
		{0, `jsonschema:"enum=1.5"`, `"enum=1.5": the field can't hold it: want a whole number`},
		{uint8(0), `jsonschema:"enum=300"`, `the field can't hold it: want a non-negative whole number in range`},
		{0, `jsonschema:"enum=1,enum=1"`, `the choice is given twice`},
		{"", `jsonschema:"minLength=-1"`, `want a non-negative whole number`},
		{"", `jsonschema:"readOnly=yes"`, `want true or false`},
		{"", `jsonschema:"pattern=["`, `want a regular expression`},
		{"", `jsonschema:"format=url"`, `"format=url": unknown format: want one of date-time`},
		{"", `jsonschema:"title="`, `the value is missing`},
		{"", `jsonschema:"type=integer"`, `the type must be string`},
		{"", `jsonschema:"oneof_type=text"`, `want string, integer`},
		{[]string{}, `jsonschema:"uniqueItems=1"`, `want true`},
		{[]string{}, `jsonschema:"pattern=a=b"`, `the value of a list option can't contain "="`},
		{time.Second, `jsonschema:"enum=60s"`, `write it as the field does: enum=1m0s`},
		{netip.Addr{}, `jsonschema:"enum=here"`, `the field can't hold it: want a netip.Addr`},
		{false, `jsonschema:"default=yes"`, `want true or false`},
		{0, `jsonschema:"default=5"`, `set it there and remove "default="`},
		{connector.Secret(""), `jsonschema:"default=k"`, `a secret can't have a default`},

		// Values that a comma has split.
		{"", `jsonschema:"enum=eu,us"`, `"us": a comma ends a value: write each choice as a separate option, as in enum=eu,enum=us`},
		{[]string{}, `jsonschema:"enum=eu,us"`, `as in enum=eu,enum=us`},
		{"", `jsonschema:"description=Your key, from Settings > API"`, `write the description in a jsonschema_description tag, or escape the comma, as in description=Your key\\, from Settings > API`},
		{"", `jsonschema:"title=Name, first and last"`, `escape the comma, as in title=Name\\, first and last`},
		{"", `jsonschema:"pattern=^[0-9]{3,6}$"`, `escape the comma, as in pattern=^[0-9]{3\\,6}$`},
		{"", `jsonschema_extras:"x-hint=a,b"`, `jsonschema_extras tag: "b": want name=value; escape a comma within a value as \\,`},
		{"", `jsonschema_extras:"minLength=1"`, `JSON Schema defines this keyword`},
		{"", `jsonschema_extras:"x-rotates=true"`, `JSON Schema defines this keyword`},

		// JSON tags.
		{"", `json:"f,omitempty,omitzero"`, ""},
		{"", `json:"f,omitemtpy"`, `json tag: "omitemtpy" is not an option`},
		{0, `json:"f,string"`, `json tag: remove the option "string"`},
		{struct{ A int }{}, `json:",inline"`, `json tag: "inline" is not an option`},
		{"", `json:"-,"`, "write `json:\"-\"` without a comma"},
	} {
		t.Run(strings.ReplaceAll(test.tag, "/", "|"), func(t *testing.T) {
			err := tagged(test.value, test.tag)
			if test.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, test.want)
			assert.Equal(t, connector.Defect, connector.KindOf(err))
			assert.Contains(t, err.Error(), ".F: ")
		})
	}
}

type misspelt struct {
	source
	Count int    `json:"count" jsonschema:"minimun=1"`
	Inner nested `json:"inner"`
}

type nested struct {
	Region string `json:"region" jsonschema:"enum=eu,us"`
}

func TestAllMistakesAreReportedAtOnceByTheirGoNames(t *testing.T) {
	_, err := config.FormOf(&misspelt{})
	require.ErrorContains(t, err, `config_test.misspelt.Count: jsonschema tag: "minimun=1": `)
	require.ErrorContains(t, err, `config_test.misspelt.Inner.Region: jsonschema tag: "us": `)
}

type agreeing struct {
	source
	Count int      `json:"count" jsonschema:"default=5"`
	Names []string `json:"names" jsonschema:"default=a,default=b"`
}

func TestADefaultInATagMustBeTheFieldsOwn(t *testing.T) {
	form := formOf(t, &agreeing{Count: 5, Names: []string{"a", "b"}})
	assert.Equal(t, json.Number("5"), form.Fields[0].Default)
	_, err := config.FormOf(&agreeing{Count: 6, Names: []string{"a", "b"}})
	require.ErrorContains(t, err, `config_test.agreeing.Count: jsonschema tag: the default is the value that the field has`)
}
