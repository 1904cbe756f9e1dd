package patterns_test

import (
	"context"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
)

// A Mailbox is a connector for a source that replaces the refresh token at each use. The
// tag rotates announces that to the platform.
type Mailbox struct {
	BaseURL      string           `json:"base_url" jsonschema:"format=uri"`
	ClientID     string           `json:"client_id"`
	ClientSecret connector.Secret `json:"client_secret"`
	RefreshToken connector.Secret `json:"refresh_token" jsonschema:"rotates"`
}

// A Message is a row of messages.
type Message struct {
	ID      int64  `json:"id" schema:"primary_key"`
	Subject string `json:"subject"`
}

func (*Mailbox) Schema(context.Context) (schema.Schema, error) {
	return schema.New("mailbox", schema.TableOf[Message]("messages"))
}

func (m *Mailbox) client(ctx context.Context) (*transport.Client, error) {
	tokens := auth.OAuth2(auth.OAuth2Config{
		TokenURL:     m.BaseURL + "/oauth/token",
		ClientID:     m.ClientID,
		ClientSecret: m.ClientSecret.Reveal(),
		RefreshToken: m.RefreshToken.Reveal(),
		Rotated: func(ctx context.Context, refreshToken string) error {
			return connector.ReplaceSecret(ctx, "refresh_token", connector.Secret(refreshToken))
		},
	})
	return transport.New(m.BaseURL, transport.WithAuth(tokens), transport.WithLogger(connector.Logger(ctx)))
}

func (m *Mailbox) Test(ctx context.Context) error {
	api, err := m.client(ctx)
	if err != nil {
		return err
	}
	_, err = api.Do(ctx, transport.Request{Path: "/messages"})
	return err
}

func (m *Mailbox) Sync(ctx context.Context, _ state.State, out connector.Emitter) error {
	api, err := m.client(ctx)
	if err != nil {
		return err
	}
	request := transport.Request{Path: "/messages", RecordsAt: "data"}
	for message, err := range transport.Records[Message](ctx, api, request, nil) {
		if err != nil {
			return err
		}
		if err := out.Upsert("messages", message); err != nil {
			return err
		}
	}
	return nil
}

// Each refresh token of the source works once. ReplaceSecret sends the new one to the
// platform, in a line SECRETS, before the access token is used. The second sync starts
// with the token that the first one has received. For platforms that cannot store it, see
// the documentation of ReplaceSecret.
func Example_rotatedRefreshToken() {
	platform := newPlatform(rotatingTokens(), map[string]any{
		"client_id": clientID, "client_secret": clientSecret, "refresh_token": "refresh-0",
	})
	platform.sync(&Mailbox{})
	platform.sync(&Mailbox{})
	// Output:
	// {"type":"SECRETS","secrets":{"refresh_token":"refresh-1"}}
	// {"type":"RECORD","record":{"mailbox":{"messages":{"id":1,"subject":"Hello"}}}}
	// {"type":"STATE","state":{}}
	// {"type":"SECRETS","secrets":{"refresh_token":"refresh-2"}}
	// {"type":"RECORD","record":{"mailbox":{"messages":{"id":1,"subject":"Hello"}}}}
	// {"type":"STATE","state":{}}
}
