package hosttest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

var pastedKeyRule = rule{
	name:     "PastedKey",
	contract: "an error of the configuration names the field and never shows a value: a key that was pasted into the wrong field reaches neither the platform, nor the log, nor an error",
	fix:      "take the text for the platform from Run.Explain, log only through Run.Log, and quote no part of the request or the configuration",
	check: func(c *check) {
		for _, field := range pastedFields {
			for _, value := range pastedValues {
				for _, action := range []Action{Check, Sync} {
					c.in("%s in the field %s", value.what, field.name)
					c.paste(field.name, value.json, field.valid(value) || c.adapter.TextValues && field.validText(value), action)
				}
			}
		}
		for _, action := range []Action{Check, Sync} {
			c.in("a key that Validate repeats")
			c.pasteObject(map[string]any{"text": pastedKey, "rate": -1}, false, "text", action)
		}
		for _, name := range []string{pastedKey, pastedKey + " ", `{"api_key":"` + pastedKey + `"}`, "text." + pastedKey} {
			c.in("a key as the name of a member")
			c.pasteObject(map[string]any{name: 1}, true, "", Sync)
			c.pasteObject(map[string]any{"names": map[string]any{name: "x"}}, false, "names", Check)
			c.pasteObject(map[string]any{"nested": map[string]any{name: "x"}}, true, "", Check)
		}
	},
}

// pastedKey is a key in the form that many sources use. The redactor does not know it.
const pastedKey = "sk_live_51Hq8ZkLmN0pQrStUvWxYz"

// A pastedValue is a JSON value that contains the key.
type pastedValue struct{ what, json string }

var pastedValues = []pastedValue{
	{"a key", quote(pastedKey)},
	{"a key with its line end", quote(pastedKey + "\r\n")},
	{"a key in a URL", quote("https://" + pastedKey + "/v2")},
	{"a key in the query of a URL", quote("https://api.example.com/?key=" + pastedKey)},
	{"a URL with a password", quote("https://user:" + pastedKey + "@api.example.com")},
	{"a list", `[` + quote(pastedKey) + `]`},
	{"an object", `{` + quote(pastedKey) + `:` + quote(pastedKey) + `}`},
	{"a whole configuration", quote(`{"api_key":` + quote(pastedKey) + `}`)},
	{"a number", "5191827364554637281951918273645546372819"},
	{"a bool", "true"},
}

// A pastedField is a field of a pastedSource.
type pastedField struct {
	name  string
	takes string // words from the descriptions of the values that it takes, or "" for text that it checks
}

var pastedFields = []pastedField{
	{"text", "key URL password whole number bool"}, {"token", "key URL password whole number bool"},
	{"number", ""}, {"rate", "number"}, {"flag", "bool"}, {"choice", ""}, {"list", "key URL password whole list"}, {"names", ""},
	{"nested", "whole object"}, {"nested.number", ""}, {"date", ""}, {"wait", ""}, {"url", "URL password"}, {"parsed", "URL password"},
	{"email", ""}, {"pattern", ""}, {"bytes", ""}, {"any", "key URL password whole list object number bool"}, {"level", ""}, {"optional", ""},
	{"several[0]", ""},
}

// valid reports whether the field takes the value.
func (f pastedField) valid(v pastedValue) bool {
	for word := range strings.FieldsSeq(f.takes) {
		if strings.Contains(v.what, word) {
			return true
		}
	}
	return false
}

// validText reports whether the field takes the text of a value that is not text.
func (f pastedField) validText(v pastedValue) bool {
	switch f.name {
	case "text", "token", "list":
		return true
	case "bytes": // it is also base64
		return v.what == "a number" || v.what == "a bool"
	}
	return false
}

// A pastedSource has a field of every kind. Its methods repeat the configuration in their
// errors, as authors do.
type pastedSource struct {
	Text     string           `json:"text,omitempty"`
	Token    connector.Secret `json:"token,omitempty"`
	Number   int              `json:"number,omitempty" jsonschema:"minimum=1,maximum=1000"`
	Rate     float64          `json:"rate,omitempty"`
	Flag     bool             `json:"flag"`
	Choice   string           `json:"choice,omitempty" jsonschema:"enum=eu,enum=us"`
	List     []string         `json:"list,omitempty"`
	Names    map[string]int   `json:"names,omitempty"`
	Nested   pastedNested     `json:"nested,omitempty"`
	Date     time.Time        `json:"date,omitzero"`
	Wait     time.Duration    `json:"wait,omitempty"`
	URL      string           `json:"url,omitempty" jsonschema:"format=uri"`
	Parsed   url.URL          `json:"parsed,omitzero"`
	Email    string           `json:"email,omitempty" jsonschema:"format=email"`
	Pattern  string           `json:"pattern,omitempty" jsonschema:"pattern=^[a-z]{3}$"`
	Bytes    []byte           `json:"bytes,omitempty"`
	Any      any              `json:"any,omitempty"`
	Level    pastedLevel      `json:"level,omitempty"`
	Optional *int             `json:"optional,omitempty"`
	Several  []pastedNested   `json:"several,omitempty"`
}

type pastedNested struct {
	Number int `json:"number,omitempty"`
}

// A pastedLevel decodes itself and quotes the text in its error.
type pastedLevel string

// UnmarshalText implements [encoding.TextUnmarshaler].
func (l *pastedLevel) UnmarshalText(text []byte) error { return fmt.Errorf("unknown level %q", text) }

var errPasted = errors.New("not found")

func (s *pastedSource) failure() error {
	text, _ := json.Marshal(s.Any) // a value that was decoded from JSON
	return &connector.Error{Kind: connector.Configuration, Hint: "check " + s.Text, Err: fmt.Errorf(
		"account %s of %v at %s %s %s: Get \"%s/%s\": dial tcp: lookup %s: %w", s.Text, s.List, s.URL, s.Parsed.String(), text, s.URL, s.Text, strings.ToLower(s.Parsed.Host), errPasted)}
}

// Validate implements connector.Validator.
func (s *pastedSource) Validate() error {
	if s.Rate < 0 {
		return fmt.Errorf("text: want another account than %q, with a rate of %v", s.Text, s.Rate)
	}
	return nil
}

// Schema implements connector.Connector.
func (s *pastedSource) Schema(context.Context) (schema.Schema, error) { return shop() }

// Test implements connector.Connector.
func (s *pastedSource) Test(ctx context.Context) error {
	connector.Logger(ctx).Warn("testing "+s.Text, "url", s.URL, "any", s.Any)
	return s.failure()
}

// Sync implements connector.Connector.
func (s *pastedSource) Sync(_ context.Context, _ state.State, out connector.Emitter) error {
	if err := out.Warn("account " + s.Text + " has no access to " + s.URL); err != nil {
		return err
	}
	return s.failure()
}

// paste sends a configuration with one field.
func (c *check) paste(field, value string, valid bool, action Action) {
	object := map[string]any{}
	name, inner, isNested := strings.Cut(field, ".")
	switch item, isItem := strings.CutSuffix(name, "[0]"); {
	case isItem:
		object[item] = []any{map[string]any{"number": json.RawMessage(value)}}
	case isNested:
		object[name] = map[string]any{inner: json.RawMessage(value)}
	default:
		object[name] = json.RawMessage(value)
	}
	c.pasteObject(object, valid, field, action)
}

// pasteObject sends a configuration. The failure must name the field if the configuration
// is not valid. Otherwise, the connector itself fails.
func (c *check) pasteObject(object map[string]any, valid bool, field string, action Action) {
	configuration, _ := json.Marshal(object) // it cannot fail for strings and raw JSON
	var log transcript
	a := c.serve(call{source: new(pastedSource), request: Request{Action: action, Configuration: configuration}, opts: []host.Option{log.option()}})
	answers := a.of(Checked, Failure)
	if len(answers) != 1 || answers[0].OK {
		c.broken("the host did not answer with one failure: %v", answers)
		return
	}
	want := field + ": want" // also of a field within
	if valid {
		want = errPasted.Error()
	}
	text := answers[0].Message
	if !strings.Contains(text, want) && (valid || !strings.Contains(text, field+".") && !strings.Contains(text, field+"[") && !strings.Contains(text, field+": breaks")) {
		c.broken("the failure is %q, want text that contains %q", withoutPasted(text), want)
	}
	for _, e := range a.all() {
		c.noPasted("an event of kind \""+string(e.Kind)+"\"", string(e.Raw), e.Message)
	}
	c.noPasted("the log", string(log.bytes()))
	if a.err != nil {
		c.noPasted("the error that the host returned", fmt.Sprintf("%v %+v %#v", a.err, a.err, a.err))
	}
}

// noPasted reports a part of the key in a text.
func (c *check) noPasted(what string, texts ...string) {
	for _, text := range texts {
		if at := pastedAt(text); at >= 0 {
			c.broken("%s contains a part of the key, after %q", what, withoutPasted(text[max(0, at-60):at]))
			return
		}
	}
}

// pastedPart is the length in bytes of a part of the key that is too long to be chance.
const pastedPart = 9

// pastedAt returns the index of a part of the key in a text, in any case, or -1.
func pastedAt(text string) int {
	text, key := strings.ToLower(text), strings.ToLower(pastedKey)
	for i := range len(key) - pastedPart + 1 {
		if at := strings.Index(text, key[i:i+pastedPart]); at >= 0 {
			return at
		}
	}
	return -1
}

func withoutPasted(text string) string { return strings.ReplaceAll(text, pastedKey, "(the key)") }
