package auth_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
)

func TestCredentialsThatAreMissingOrNotValidAreAConfigurationError(t *testing.T) {
	for _, auth := range []transport.Auth{auth.Bearer(""), auth.HeaderKey("X", ""), auth.HeaderKey("X", "Token "), auth.QueryKey("k", ""),
		auth.Basic("", ""), auth.Basic("a:b", "c"), auth.FirstOf(), auth.FirstOf(nil, auth.Bearer("")), auth.OAuth2(auth.OAuth2Config{TokenURL: "http://h"}),
		auth.OAuth2(auth.OAuth2Config{ClientID: "x", TokenURL: "nowhere"}), auth.JWTBearer(auth.JWTConfig{TokenURL: "http://h"})} {
		header, err := sentHeader(t, auth)
		assert.True(t, transporttest.AsError(t, err).Configuration(), "%v: %v", auth, err)
		assert.Nil(t, header, "no request is sent")
	}
}
