package structtag_test

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/internal/structtag"
)

func TestATagThatPackageReflectIgnoresIsAProblem(t *testing.T) {
	for tag, want := range map[reflect.StructTag]string{
		``:                                   "",
		`json:"name"`:                        "",
		`json:"name,omitempty" schema:"key"`: "",
		` json:"name"  schema:"key" `:        "",
		`json:"a\"b" xml:"json: c"`:          "",
		`bson:"name" yaml:"name" db:"name"`:  "",
		`jsonschema_description:"a, b" jsonschema_extras:"x=y" jsonschema:"title=A"`: "",
		`validate: "required"`:          "", // a mistake, but not one of ours
		`json:"name" validate:required`: "",
		`json: "name"`:                  `json: "name"`,
		`json:"name" schema: "key"`:     `with a space before each further key: schema: "key"`,
		`json:"name",schema:"key"`:      `with a space before each further key: ,schema:"key"`,
		"json:\"name\"\tschema:\"key\"": "with a space before each further key: \tschema",
		`json:name`:                     "json:name",
		`json="name"`:                   `json="name"`,
		`jsonschema:"title=A`:           `jsonschema:"title=A`,
		`json:"name" scheme:"key"`:      "its tag has the key scheme: write schema",
		`shcema:"key"`:                  "write schema",
		`Schema:"key"`:                  "write schema",
		`JSON:"name"`:                   "write json",
		`json_schema:"title=A"`:         "write jsonschema",
		`jsonshema:"title=A"`:           "write jsonschema",
		`json:"\d"`:                     `the value of json in its tag is not a string of Go: "\d"`,
	} {
		got := structtag.Problem(tag)
		if want == "" {
			assert.Empty(t, got, tag)
		} else {
			assert.Contains(t, got, want, tag)
		}
	}
}
