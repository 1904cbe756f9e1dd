package config_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// A ruleCase is a value and the problems that a schema has with it.
type ruleCase struct{ schema, value, problems string }

func checkRules(t *testing.T, cases []ruleCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.schema+" "+c.value, func(t *testing.T) {
			assert.Equal(t, c.problems, problemsOf(t, ruledBy(t, c.schema), c.value))
		})
	}
}

func TestAValueObeysTheKeywordsOfItsSchema(t *testing.T) {
	t.Run("any type", func(t *testing.T) {
		checkRules(t, []ruleCase{
			{`{}`, `1`, ""},
			{`{"type":"string"}`, `1`, "value: want string"},
			{`{"type":["object","integer","null"]}`, `"a"`, "value: want null or integer or object"},
			{`{"type":"integer"}`, `1.0`, ""},
			{`{"type":"integer"}`, `10e-1`, ""},
			{`{"type":"integer"}`, `1.5`, "value: want integer"},
			{`{"type":"number"}`, `1`, ""},
			{`{"type":"boolean"}`, `true`, ""},
			{`{"items":{"type":"null"}}`, `[null,0]`, "value.1: want null"},
			{`{"enum":["a",1,null,{"b":[1]}]}`, `"c"`, "value: want one of a, 1, <nil>, map[b:[1]]"},
			{`{"enum":["a",1,{"b":[1,2],"c":0.5}]}`, `{"c":5e-1,"b":[1.0,2]}`, ""},
			{`{"enum":["1"]}`, `1`, "value: want one of 1"},
			{`{"enum":[]}`, `1`, "value: want one of "},
			{`{"const":{"a":1}}`, `{"a":1.0}`, ""},
			{`{"const":false}`, `0`, "value: breaks the rule const"},
			{`{"const":9007199254740993}`, `9007199254740992`, "value: breaks the rule const"},
			{`{"type":"string","minLength":2,"enum":["a"]}`, `1`, "value: want string"}, // the first of them hides the others
			{`{"enum":["aa"],"minLength":3}`, `"a"`, "value: want one of aa"},
			{`{"format":"date","minLength":20}`, `"a"`, "value: want a valid date"},
		})
	})
	t.Run("text", func(t *testing.T) {
		checkRules(t, []ruleCase{
			{`{"items":{"minLength":1}}`, `[""]`, "value.0: is required"},
			{`{"minLength":3}`, `"日本"`, "value: want at least 3 characters"},
			{`{"maxLength":2}`, `"日本"`, ""},
			{`{"maxLength":2}`, `"a\u0301e"`, "value: want at most 2 characters"},
			{`{"maxLength":2.0}`, `"abc"`, "value: want at most 2 characters"},
			{`{"maxLength":18446744073709551615}`, `"abc"`, ""},
			{`{"minLength":18446744073709551615}`, `"abc"`, "value: want at least 18446744073709551615 characters"},
			{`{"pattern":"b"}`, `"abc"`, ""},
			{`{"pattern":"^b","minLength":4}`, `"abc"`, "value: want at least 4 characters; value: want text that matches ^b"},
			{`{"minLength":9,"pattern":"x","format":"date"}`, `1`, ""},
		})
	})
	t.Run("numbers", func(t *testing.T) {
		checkRules(t, []ruleCase{
			{`{"minimum":9007199254740993}`, `9007199254740992`, "value: want at least 9007199254740993"},
			{`{"minimum":0.5}`, `0.4999999999999999999999`, "value: want at least 1/2"},
			{`{"maximum":1e2}`, `100.00`, ""},
			{`{"maximum":1e2}`, `101`, "value: want at most 100"},
			{`{"exclusiveMinimum":-1}`, `-1.0`, "value: want more than -1"},
			{`{"exclusiveMaximum":0.3}`, `0.30`, "value: want less than 3/10"},
			{`{"multipleOf":0.1}`, `0.3`, ""},
			{`{"multipleOf":0.01}`, `19.999`, "value: want a multiple of 1/100"},
			{`{"multipleOf":3}`, `1e300`, "value: want a multiple of 3"},
			{`{"minimum":2,"multipleOf":2}`, `1`, "value: want a multiple of 2; value: want at least 2"},
			{`{"minimum":2}`, `"1"`, ""},
		})
	})
}

func TestAListObeysTheKeywordsOfItsSchema(t *testing.T) {
	checkRules(t, []ruleCase{
		{`{"minItems":2}`, `[1]`, "value: want at least 2 items"},
		{`{"maxItems":1}`, `[1,2]`, "value: want at most 1 items"},
		{`{"uniqueItems":true}`, `[1,"1",{"a":1},{"a":2},[1]]`, ""},
		{`{"uniqueItems":true}`, `[{"a":1,"b":2},{"b":2,"a":1.0}]`, "value: want items that are all different"},
		{`{"uniqueItems":true}`, `[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,1.0]`, "value: want items that are all different"},
		{`{"items":{"minimum":2}}`, `[1,2,0]`, "value.0: want at least 2; value.2: want at least 2"},
		{`{"prefixItems":[{"type":"string"},{"minimum":5}],"items":{"const":0}}`, `[1,1,1]`, "value.0: want string; value.1: want at least 5; value.2: breaks the rule const"},
		{`{"prefixItems":[{"type":"string"}]}`, `[]`, ""},
		{`{"contains":{"minimum":2}}`, `[1,2]`, ""},
		{`{"contains":{"minimum":2}}`, `[1,0]`, "value.0: want at least 2; value.1: want at least 2"},
		{`{"contains":{"minimum":2}}`, `[]`, "value: breaks the rule contains"},
		{`{"contains":true,"minContains":2}`, `[1]`, "value: breaks the rule minContains"},
		{`{"contains":{"minimum":2},"minContains":0}`, `[1]`, ""},
		{`{"contains":{"minimum":2},"maxContains":1}`, `[2,3]`, "value: breaks the rule maxContains"},
		{`{"contains":{"minimum":2},"minContains":1,"maxContains":0}`, `[2]`, "value: breaks the rule maxContains"},
		{`{"minContains":5}`, `[]`, ""},
		{`{"items":false}`, `[1]`, "value.0: breaks the rule "},
	})
}

func TestAnObjectObeysTheKeywordsOfItsSchema(t *testing.T) {
	checkRules(t, []ruleCase{
		{`{"minProperties":1}`, `{}`, "value: breaks the rule minProperties"},
		{`{"maxProperties":1}`, `{"a":1,"b":1}`, "value: breaks the rule maxProperties"},
		{`{"required":["a","b"]}`, `{"a":null}`, "value.b: is required"},
		{`{"required":["a","b"]}`, `{}`, "value.a: is required; value.b: is required"},
		{`{"properties":{"a":{"type":"string"}}}`, `{"a":1,"b":1}`, "value.a: want string"},
		{`{"properties":{"a":{"properties":{"b":{"minLength":1}}}}}`, `{"a":{"b":""}}`, "value.a.b: is required"},
		{`{"patternProperties":{"^a":{"minimum":2},"b$":{"maximum":0}}}`, `{"xab":1,"ab":1}`, "value.ab: want at least 2; value.ab: want at most 0; value.xab: want at most 0"},
		{`{"properties":{"a":true},"patternProperties":{"^b":true},"additionalProperties":false}`, `{"a":1,"b":1}`, ""},
		{`{"properties":{"a":true},"additionalProperties":false}`, `{"a":1,"b":1,"c":1}`, "value: breaks the rule additionalProperties"},
		{`{"properties":{"a":true},"additionalProperties":{"type":"string"}}`, `{"a":1,"b":1,"c":"d"}`, "value.b: want string"},
		{`{"propertyNames":{"maxLength":2}}`, `{"ab":1,"abc":1}`, "configuration: want at most 2 characters"},
		{`{"dependentRequired":{"a":["b","c"]}}`, `{"a":1,"b":1}`, "value: breaks the rule dependentRequired/a"},
		{`{"dependentRequired":{"a":["b"]}}`, `{"c":1}`, ""},
		{`{"dependentSchemas":{"a":{"required":["b"]}}}`, `{"a":1}`, "value.b: is required"},
		{`{"dependencies":{"a":["b"],"b":{"maxProperties":1}}}`, `{"a":1}`, "value: breaks the rule dependency/a"},
		{`{"dependencies":{"a":["b"],"b":{"maxProperties":1}}}`, `{"a":1,"b":1}`, "value: breaks the rule maxProperties"},
		{`{"required":["a"],"minProperties":3}`, `[]`, ""},
	})
}

func TestAValueObeysSchemasThatAreCombined(t *testing.T) {
	checkRules(t, []ruleCase{
		{`{"not":{"type":"string"}}`, `"a"`, "value: breaks the rule "},
		{`{"not":{"type":"string"}}`, `1`, ""},
		{`{"allOf":[{"minimum":2},{"multipleOf":2},true]}`, `1`, "value: want a multiple of 2; value: want at least 2"},
		{`{"anyOf":[{"type":"string"},{"minimum":2}]}`, `1`, "value: want at least 2; value: want string"},
		{`{"anyOf":[{"type":"string"},{"minimum":2}]}`, `2`, ""},
		{`{"oneOf":[{"required":["a"]},{"required":["b"]}]}`, `{}`, "value.a: is required; value.b: is required"},
		{`{"oneOf":[{"required":["a"]},{"required":["b"]}]}`, `{"b":1}`, ""},
		{`{"oneOf":[{"required":["a"]},{"required":["b"]}]}`, `{"a":1,"b":1}`, "value: breaks the rule oneOf"},
		{`{"if":{"type":"string"},"then":{"minLength":2},"else":{"minimum":2}}`, `"a"`, "value: want at least 2 characters"},
		{`{"if":{"type":"string"},"then":{"minLength":2},"else":{"minimum":2}}`, `1`, "value: want at least 2"},
		{`{"if":{"type":"string"},"else":{"minimum":2}}`, `"a"`, ""},
		{`{"then":{"minimum":2},"else":{"minimum":2}}`, `1`, ""},
		{`{"allOf":[false]}`, `1`, "value: breaks the rule "},
	})
}

func TestAReferenceLeadsToASchemaOfTheDocument(t *testing.T) {
	checkRules(t, []ruleCase{
		{`{"$ref":"#/properties/value/$defs/a","$defs":{"a":{"minimum":2}}}`, `1`, "value: want at least 2"},
		{`{"$ref":"#/properties/value/$defs/a~1b~0c%25","$defs":{"a/b~c%":{"minimum":2}}}`, `1`, "value: want at least 2"},
		{`{"$ref":"#/properties/value/anyOf/1","anyOf":[true,{"minimum":2}]}`, `1`, "value: want at least 2"},
		{`{"properties":{"value":{"$ref":"#"},"next":{"$ref":"#/properties/value"}},"required":["name"]}`, `{"name":1,"next":{"next":{"name":1}}}`, "value.next.name: is required"},
		// An $id makes a schema the base of the references within it. Reflected schemas have one.
		{`{"$id":"https://example.com/a","$schema":"https://json-schema.org/draft/2020-12/schema","$ref":"#/$defs/a","$defs":{"a":{"properties":{"b":{"$ref":"#/$defs/b"}}},"b":{"minimum":2}}}`, `{"b":1}`, "value.b: want at least 2"},
		{`{"$ref":"#/properties/value"}`, `1`, "value: breaks the rule "}, // to itself
		{`{"$defs":{"a":{"$ref":"#/nowhere"},"b":{"$ref":"https://example.com/b"}}}`, `1`, ""},
	})
}

func TestAnnotationsAndUnknownKeywordsRestrictNothing(t *testing.T) {
	checkRules(t, []ruleCase{
		{`{"x-order":1,"minimun":5,"description":"d","examples":[1],"deprecated":true,"readOnly":true,"default":"a","contentEncoding":"base64","contentMediaType":"application/json","contentSchema":false,"$comment":"c","$anchor":"a","format":"unknown"}`, `"a"`, ""},
	})
}
