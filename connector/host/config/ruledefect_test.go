package config_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
)

func TestASchemaThatIsNotValidIsADefectThatNamesThePlace(t *testing.T) {
	for schema, problem := range map[string]string{
		`{"minimum":"x"}`:                           "/minimum: want a number",
		`{"minimum":1e9999999}`:                     "/minimum: want a number",
		`{"multipleOf":0}`:                          "/multipleOf: want a number above zero",
		`{"minLength":-1}`:                          "/minLength: want a non-negative whole number",
		`{"maxItems":1.5}`:                          "/maxItems: want a non-negative whole number",
		`{"pattern":"("}`:                           "/pattern: want a regular expression: error parsing regexp: missing closing ): `(`",
		`{"pattern":1}`:                             "/pattern: want a string",
		`{"patternProperties":{"[":true}}`:          "/patternProperties/[: want a regular expression",
		`{"type":"text"}`:                           "/type: want a type of JSON Schema, or an array of them",
		`{"type":[]}`:                               "/type: want a type of JSON Schema, or an array of them",
		`{"type":["string","string"]}`:              "/type: want items that are all different",
		`{"type":1}`:                                "/type: want an array",
		`{"enum":"a"}`:                              "/enum: want an array",
		`{"uniqueItems":1}`:                         "/uniqueItems: want true or false",
		`{"required":["a","a"]}`:                    "/required: want items that are all different",
		`{"required":[1]}`:                          "/required/0: want a string",
		`{"items":[]}`:                              "/items: want a schema, which is an object, true or false",
		`{"allOf":[]}`:                              "/allOf: want at least one schema",
		`{"properties":{"a/b":{"anyOf":[1]}}}`:      "/properties/a~1b/anyOf/0: want a schema, which is an object, true or false",
		`{"properties":1}`:                          "/properties: want an object",
		`{"dependentRequired":{"a":1}}`:             "/dependentRequired/a: want an array",
		`{"$defs":{"a":{"minimum":"x"}}}`:           "/$defs/a/minimum: want a number",
		`{"then":{"minimum":"x"}}`:                  "/then/minimum: want a number",
		`{"contentSchema":{"minimum":"x"}}`:         "/contentSchema/minimum: want a number",
		`{"description":1}`:                         "/description: want a string",
		`{"$id":"a#b"}`:                             "/$id: want a uri-reference without a fragment",
		`{"$anchor":"1"}`:                           "/$anchor: want text that matches",
		`{"$ref":"#/nowhere"}`:                      "/$ref: the document has no schema at #/nowhere",
		`{"$ref":"#/properties/value/required/0"}`:  "/$ref: the document has no schema at",
		`{"$ref":"#/%zz"}`:                          "/$ref: want a valid uri-reference",
		`{"$ref":"https://example.com/schema"}`:     "/$ref: the keyword $ref is supported only within the document",
		`{"$ref":"other.json#/$defs/a"}`:            "/$ref: the keyword $ref is supported only within the document",
		`{"$ref":"#name"}`:                          "/$ref: the keyword $ref is supported only within the document",
		`{"$dynamicRef":"#a"}`:                      "/$dynamicRef: the keyword $dynamicRef is not supported",
		`{"items":{"unevaluatedProperties":false}}`: "/items/unevaluatedProperties: the keyword unevaluatedProperties is not supported",
		`{"unevaluatedItems":true}`:                 "/unevaluatedItems: the keyword unevaluatedItems is not supported",
		`{"additionalItems":false}`:                 "/additionalItems: the keyword additionalItems is not supported",
		`{"$id":"a","$schema":"http://json-schema.org/draft-07/schema#"}`: "/$schema: the keyword $schema is supported only for draft 2020-12",
	} {
		t.Run(schema, func(t *testing.T) {
			_, _, err := ruledBy(t, schema).Decode([]byte(`{"value":"s3cret"}`))
			require.Error(t, err)
			assert.Equal(t, connector.Defect, connector.KindOf(err))
			assert.Contains(t, err.Error(), "config_test.ruled: the jsonschema tags do not form a valid JSON Schema: ")
			assert.Contains(t, err.Error(), "#/properties/value"+problem)
			assert.NotContains(t, err.Error(), "s3cret")
		})
	}
}

func TestAProblemNeverContainsTheValue(t *testing.T) {
	const value = `"s3cret"`
	for _, schema := range []string{
		`{"type":"integer"}`, `{"enum":["a"]}`, `{"const":"a"}`, `{"format":"date"}`, `{"minLength":10}`, `{"maxLength":1}`, `{"pattern":"^x"}`, `{"not":{}}`,
		`{"allOf":[false]}`, `{"anyOf":[{"const":1}]}`, `{"oneOf":[true,true]}`,
	} {
		problems := problemsOf(t, ruledBy(t, schema), value)
		assert.NotEmpty(t, problems, schema)
		assert.NotContains(t, problems, "s3cret", schema)
	}
	for _, schema := range []string{`{"minimum":1e9}`, `{"maximum":1}`, `{"exclusiveMinimum":1e9}`, `{"exclusiveMaximum":1}`, `{"multipleOf":10}`, `{"type":"string"}`} {
		problems := problemsOf(t, ruledBy(t, schema), `83472951`)
		assert.NotEmpty(t, problems, schema)
		assert.NotContains(t, problems, "83472951", schema)
	}
	for _, schema := range []string{`{"uniqueItems":true}`, `{"maxItems":1}`, `{"contains":{"const":1}}`, `{"items":{"type":"null"}}`} {
		problems := problemsOf(t, ruledBy(t, schema), `["s3cret","s3cret"]`)
		assert.NotEmpty(t, problems, schema)
		assert.NotContains(t, problems, "s3cret", schema)
	}
}
