package config_test

import (
	"errors"
	"testing"

	"github.com/invopop/jsonschema"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host/config"
)

// stackOf returns the stack in an error's chain, or "" if there is none.
func stackOf(err error) string {
	var stacked interface{ Stack() string }
	if errors.As(err, &stacked) {
		return stacked.Stack()
	}
	return ""
}

func requirePanic(t *testing.T, err error, text, function string) {
	t.Helper()
	require.EqualError(t, err, text)
	assert.Equal(t, connector.Defect, connector.KindOf(err))
	assert.Contains(t, stackOf(err), function, "the stack names the function that panicked")
}

type panicsInValidate struct {
	shop
	Cause func() `json:"-"`
}

func (p *panicsInValidate) Validate() error { p.Cause(); return nil }

func TestAPanicInValidateIsADefectBesideTheFilledCopy(t *testing.T) {
	for want, cause := range map[string]func(){
		"panic in Validate: boom":     func() { panic("boom") },
		"panic in Validate: one\ntwo": func() { panic(errors.New("one\ntwo")) },
		"panic in Validate: runtime error: invalid memory address or nil pointer dereference": func() { _ = (*shop)(nil).BaseURL },
		"panic in Validate: panic called with nil argument":                                   func() { panic(nil) },
	} {
		c, unknown, err := formOf(t, &panicsInValidate{Cause: cause}).Decode([]byte(`{"api_key":"k","other":1}`))
		requirePanic(t, err, want, "panic_test.go")
		assert.Equal(t, []string{"other"}, unknown)
		assert.Equal(t, connector.Secret("k"), c.(*panicsInValidate).APIKey)
	}
}

type (
	panicsInText   struct{ S string }
	panicsInJSON   struct{ S string }
	panicsInWrite  struct{ S string }
	panicsInSchema struct{ S string }
	panicsInExtend struct{ S string }
	noSchema       struct{ S string }
	wrongSchema    struct{ S string }
)

func (*panicsInText) UnmarshalText(text []byte) error {
	if text[0] == '!' {
		panic("don't read " + string(text[1:]))
	}
	var none []int
	_ = none[len(text)]
	return nil
}

func (*panicsInJSON) UnmarshalJSON([]byte) error { panic("boom") }

func (p *panicsInWrite) UnmarshalText(text []byte) error { p.S = string(text); return nil }
func (p panicsInWrite) MarshalText() ([]byte, error)     { panic("boom") }

func (panicsInSchema) JSONSchema() *jsonschema.Schema      { panic("boom") }
func (panicsInExtend) JSONSchemaExtend(*jsonschema.Schema) { panic("boom") }
func (noSchema) JSONSchema() *jsonschema.Schema            { return nil }
func (wrongSchema) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Extras: map[string]any{"x-a": panicsInWrite{}}}
}

type panicking struct {
	source
	Key   connector.Secret          `json:"key,omitempty"`
	Text  panicsInText              `json:"text,omitzero"`
	JSON  *panicsInJSON             `json:"json,omitzero"`
	Write panicsInWrite             `json:"write,omitzero"`
	List  []panicsInText            `json:"list,omitempty"`
	Map   map[string]panicsInJSON   `json:"map,omitempty"`
	Inner struct{ P *panicsInText } `json:"inner"`
	After connector.Secret          `json:"after,omitempty"`
}

func TestAPanicInAFieldsTypeIsADefectThatNamesTheField(t *testing.T) {
	form := formOf(t, &panicking{})
	for configuration, want := range map[string]string{
		`{"text":"abc"}`:              "panic in field text: runtime error: index out of range [3] with length 0",
		`{"json":{}}`:                 "panic in field json: boom",
		`{"write":"abc"}`:             "panic in field write: boom",
		`{"list":["abc","abcd"]}`:     "panic in field list[0]: runtime error: index out of range [3] with length 0; panic in field list[1]: runtime error: index out of range [4] with length 0",
		`{"map":{"x":1}}`:             "panic in field map.x: boom",
		`{"inner":"{\"P\":\"abc\"}"}`: "panic in field inner.P: runtime error: index out of range [3] with length 0",
		`{"text":"!planted"}`:         "panic in field text: its text is omitted because it contains part of the field's value",
	} {
		c, unknown, err := form.Decode([]byte(`{"other":1,"key":"k","after":"s",` + configuration[1:]))
		requirePanic(t, err, want, "panic_test.go")
		assert.Equal(t, []string{"other"}, unknown, configuration)
		assert.Equal(t, connector.Secret("k"), c.(*panicking).Key, configuration)
		assert.Equal(t, connector.Secret("s"), c.(*panicking).After, configuration)
	}
	_, _, err := form.Decode(nil)
	require.NoError(t, err)
}

func TestAnErrorWithoutAPanicHasNoStack(t *testing.T) {
	_, err := decode(t, &shop{}, `{}`)
	require.Error(t, err)
	assert.Empty(t, stackOf(err))
	_, err = config.FormOf(&wrong[chan int]{})
	require.Error(t, err)
	assert.Empty(t, stackOf(err))
}

func TestAPanicInFormOfNamesTheField(t *testing.T) {
	_, err := config.FormOf(&wrong[panicsInWrite]{Field: panicsInWrite{"x"}})
	requirePanic(t, err, "config_test.wrong[github.com/penstock-sdk/penstock/connector/host/config_test.panicsInWrite].Field: panic in the method that writes the default: boom", "panicsInWrite")
	_, err = config.FormOf(&wrong[[]panicsInSchema]{})
	require.ErrorContains(t, err, "].Field: panic in JSONSchema: boom")
	assert.Contains(t, stackOf(err), "panicsInSchema")
	_, err = config.FormOf(&wrong[panicsInExtend]{})
	require.ErrorContains(t, err, "a method that it calls: boom")
	assert.Equal(t, connector.Defect, connector.KindOf(err))
	assert.Contains(t, stackOf(err), "panicsInExtend")
	_, err = config.FormOf(&wrong[noSchema]{})
	require.ErrorContains(t, err, "].Field: JSONSchema returns nil: return the schema of a config_test.noSchema")
	type choice struct {
		source
		F panicsInText `jsonschema:"enum=abc"`
	}
	_, err = config.FormOf(&choice{})
	requirePanic(t, err, `config_test.choice.F: jsonschema tag: "enum=abc": panic in a method that reads or writes the choice: runtime error: index out of range [3] with length 0`, "panicsInText")
}

func TestAPanicInAValueOfTheJSONSchemaIsADefect(t *testing.T) {
	form := formOf(t, &wrong[wrongSchema]{})
	_, err := form.Spec()
	require.ErrorContains(t, err, "panic in the JSON Schema of ")
	assert.Contains(t, stackOf(err), "panicsInWrite")
	c, _, err := form.Decode([]byte(`{"field":{"S":"x"}}`))
	require.Error(t, err)
	assert.Equal(t, "x", c.(*wrong[wrongSchema]).Field.S)
}

func TestAPanicOfADefaultThatHoldsASecretIsADefect(t *testing.T) {
	type secretive struct {
		source
		Keys []struct {
			Key connector.Secret
			P   panicsInWrite
		}
	}
	c := &secretive{}
	c.Keys = append(c.Keys, struct {
		Key connector.Secret
		P   panicsInWrite
	}{"k", panicsInWrite{"x"}})
	_, err := decode(t, c, `{}`)
	requirePanic(t, err, "panic in field Keys[0].P: boom", "panicsInWrite")
}
