package config_test

import (
	"context"
	"fmt"
	"log"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host/config"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// An API is a connector whose fields are its configuration.
type API struct {
	APIKey   connector.Secret `json:"api_key" jsonschema:"title=API key,description=The key under Settings - API"`
	BaseURL  string           `json:"base_url" jsonschema:"title=Base URL,format=uri"`
	Region   string           `json:"region,omitempty" jsonschema:"enum=eu,enum=us"`
	PageSize int              `json:"page_size" jsonschema:"minimum=1,maximum=1000"`
}

func (a *API) Schema(context.Context) (schema.Schema, error)              { return nil, nil }
func (a *API) Test(context.Context) error                                 { return nil }
func (a *API) Sync(context.Context, state.State, connector.Emitter) error { return nil }

// A host that shows its own form iterates over the fields.
func ExampleFormOf() {
	form, err := config.FormOf(&API{PageSize: 100})
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range form.Fields {
		fmt.Printf("%s: %q %v", f.Name, f.Title, f.Kind)
		if f.Secret {
			fmt.Print(", secret")
		}
		if f.Required {
			fmt.Print(", required")
		}
		if f.Default != nil {
			fmt.Print(", default ", f.Default)
		}
		if len(f.Choices) > 0 {
			fmt.Print(", one of ", f.Choices)
		}
		fmt.Println()
	}
	// Output:
	// api_key: "API key" text, secret, required
	// base_url: "Base URL" text, required
	// region: "Region" text, one of [eu us]
	// page_size: "Page size" integer, default 100
}

// Decode converts text to the types of the fields.
func ExampleForm_Decode() {
	form, err := config.FormOf(&API{PageSize: 100})
	if err != nil {
		log.Fatal(err)
	}
	c, unknown, err := form.Decode([]byte(`{"api_key":"k","base_url":"https://api.example.com","page_size":"50","regoin":"eu"}`))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.(*API).PageSize, unknown)

	_, _, err = form.Decode([]byte(`{"base_url":"example","region":"mars","page_size":"many"}`))
	fmt.Println(connector.KindOf(err), "error:", err)
	// Output:
	// 50 [regoin]
	// configuration error: page_size: want a whole number; api_key: is required; base_url: want a valid uri; region: want one of eu, us
}

// Some platforms make a form from a JSON Schema.
func ExampleForm_Spec() {
	form, err := config.FormOf(&API{PageSize: 100})
	if err != nil {
		log.Fatal(err)
	}
	spec, err := form.Spec()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(spec))
	// Output:
	// {"$schema":"https://json-schema.org/draft/2020-12/schema","properties":{"api_key":{"type":"string","minLength":1,"format":"password","title":"API key","description":"The key under Settings - API","writeOnly":true},"base_url":{"type":"string","minLength":1,"format":"uri","title":"Base URL"},"region":{"type":"string","enum":["eu","us"],"title":"Region"},"page_size":{"type":"integer","maximum":1000,"minimum":1,"title":"Page size","default":100}},"type":"object","required":["api_key","base_url"]}
}

// A test calls a connector with a wrong value for each of its secrets.
func ExampleForm_Walk() {
	c := &API{APIKey: "k", PageSize: 100}
	form, err := config.FormOf(c)
	if err != nil {
		log.Fatal(err)
	}
	for name, field := range form.Walk() {
		if !field.Secret {
			continue
		}
		wrong, err := field.With(c, connector.Secret("wrong"))
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(name, wrong.(*API).APIKey.Reveal(), c.APIKey.Reveal())
	}
	// Output:
	// api_key wrong k
}
