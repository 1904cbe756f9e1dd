// Command rotating is a connector for tests. Its source, which package fakeapi serves,
// replaces the refresh token at each use. Schema, Test and Sync each use it with a
// client of their own.
package main

import (
	"context"

	"github.com/penstock-sdk/penstock"
	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/paging"
)

func main() { penstock.Main(&source{}) }

type source struct {
	BaseURL      string           `json:"base_url"`
	ClientSecret connector.Secret `json:"client_secret"`
	RefreshToken connector.Secret `json:"refresh_token" jsonschema:"rotates"`
}

type order struct {
	ID int64 `json:"id" schema:"primary_key"`
}

func (s *source) client(ctx context.Context) (*transport.Client, error) {
	return transport.New(s.BaseURL, transport.WithLogger(connector.Logger(ctx)), transport.WithAuth(auth.OAuth2(auth.OAuth2Config{
		TokenURL: s.BaseURL + "/token", ClientID: "id", ClientSecret: s.ClientSecret.Reveal(), RefreshToken: s.RefreshToken.Reveal(),
		Rotated: func(ctx context.Context, refreshToken string) error {
			return connector.ReplaceSecret(ctx, "refresh_token", connector.Secret(refreshToken))
		},
	})))
}

func (s *source) Test(ctx context.Context) error {
	client, err := s.client(ctx)
	if err == nil {
		_, err = client.Do(ctx, transport.Request{Path: "/orders"})
	}
	return err
}

func (s *source) Schema(ctx context.Context) (schema.Schema, error) {
	if err := s.Test(ctx); err != nil { // as a source whose tables must be requested
		return nil, err
	}
	return schema.New("shop", schema.TableOf[order]("orders"))
}

func (s *source) Sync(ctx context.Context, _ state.State, out connector.Emitter) error {
	client, err := s.client(ctx)
	if err != nil {
		return err
	}
	for o, err := range transport.Records[order](ctx, client, transport.Request{Path: "/orders"}, paging.PageNumber{}) {
		if err != nil {
			return err
		}
		if err := out.Upsert("orders", o); err != nil {
			return err
		}
	}
	return nil
}
