package patterns_test

import (
	"net/http"
	"testing"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connectortest"
)

// TestEveryWholeConnectorKeepsTheContract runs the connectors of the last table in doc.go
// against all rules of the suite.
func TestEveryWholeConnectorKeepsTheContract(t *testing.T) {
	const api = "http://api.test"
	handler := func(h http.HandlerFunc) func() http.Handler { return func() http.Handler { return h } }
	for name, test := range map[string]struct {
		connector connector.Connector
		source    func() http.Handler
	}{
		"Mailbox": {
			&Mailbox{BaseURL: api, ClientID: clientID, ClientSecret: clientSecret, RefreshToken: "refresh-0"},
			func() http.Handler { return rotatingTokens() },
		},
		"Catalog":    {&Catalog{BaseURL: api}, handler(etag)},
		"Agency":     {&Agency{BaseURL: api, Accounts: []string{"acme", "globex"}}, handler(campaigns)},
		"Tracker":    {&Tracker{BaseURL: api}, handler(projects)},
		"CRM":        {&CRM{BaseURL: api}, handler(customObjects)},
		"Dashboard":  {&Dashboard{BaseURL: api, Queries: []string{"top_customers"}}, handler(queryResults)},
		"Storefront": {&Storefront{BaseURL: api}, func() http.Handler { return costLimited() }},
	} {
		t.Run(name, func(t *testing.T) { connectortest.Run(t, test.connector, connectortest.Source(test.source)) })
	}
}
