package fivetran_test

import (
	"context"
	"encoding/json"
	"net/netip"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/fivetran"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// An optional is a connector with optional fields of many kinds.
type optional struct {
	Choice    *string           `json:"choice" jsonschema:"enum=a,enum=b"`
	Plain     string            `json:"plain,omitempty" jsonschema:"enum=a,enum=b"`
	Region    string            `json:"region" jsonschema:"enum=eu,enum=us"`
	Level     *int              `json:"level" jsonschema:"enum=1,enum=2"`
	Text      *string           `json:"text"`
	Pattern   *string           `json:"pattern" jsonschema:"minLength=3,pattern=^x"`
	Mail      *string           `json:"mail" jsonschema:"format=email"`
	Key       *connector.Secret `json:"key"`
	Number    *float64          `json:"number"`
	Size      int               `json:"size,omitempty" jsonschema:"minimum=1"`
	On        *bool             `json:"on"`
	Wait      *time.Duration    `json:"wait"`
	Since     *time.Time        `json:"since"`
	Address   *url.URL          `json:"address"`
	IP        *netip.Addr       `json:"ip"`
	Anything  any               `json:"anything"`
	Raw       *json.RawMessage  `json:"raw"`
	List      *[]string         `json:"list"`
	Labels    map[string]string `json:"labels,omitempty"`
	Proxy     *proxy            `json:"proxy"`
	Bytes     *[]byte           `json:"bytes"`
	Greeting  string            `json:"greeting"`
	Signature *string           `json:"signature"`
}

func (*optional) Schema(context.Context) (schema.Schema, error) { return schema.New("shop") }

// Test reports the configuration that it has received.
func (o *optional) Test(context.Context) error {
	b, err := json.Marshal(o)
	if err != nil {
		return err
	}
	return &connector.Error{Kind: connector.Configuration, Hint: "-", Err: errorText(b)}
}

func (*optional) Sync(context.Context, state.State, connector.Emitter) error { return nil }

func TestAnOptionalFieldThatIsLeftEmptyIsNotSet(t *testing.T) {
	t.Parallel()
	signature := "Yours"
	c := &optional{Region: "eu", Greeting: "Hello", Signature: &signature}
	for _, d := range []fivetran.Dialect{fivetran.PartnerSDK, fivetran.ConnectorSDK} {
		untouched := served(t, c, d).test(t, nil)
		assert.Contains(t, untouched, `"choice":null,"region":"eu","level":null,`)
		all := map[string]string{}
		for _, f := range formOf(t, c, d).Fields {
			assert.False(t, f.Required, f.Name)
			if f.Default != "" && f.Name != "region" {
				continue // the form contains the default; see the test below
			}
			all[f.Name] = ""
			assert.Equal(t, untouched, served(t, c, d).test(t, map[string]string{f.Name: ""}), "%v %s", d, f.Name)
		}
		assert.Equal(t, untouched, served(t, c, d).test(t, all))
	}
}

func TestTheUserCanRemoveTheDefaultOfATextThatTheFormContains(t *testing.T) {
	t.Parallel()
	signature := "Yours"
	answer := served(t, &optional{Region: "eu", Greeting: "Hello", Signature: &signature}, fivetran.PartnerSDK).test(t, map[string]string{"greeting": "", "signature": ""})
	assert.Contains(t, answer, `"greeting":"","signature":""}`)
}
