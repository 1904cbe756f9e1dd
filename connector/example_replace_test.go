package connector_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/singer"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A tokenFile stores the refresh token that has replaced the one in the configuration.
// The file should be on a disk that outlives the run, and readable by nobody else.
type tokenFile string

// A storedToken is the content of a tokenFile.
type storedToken struct {
	Of    string `json:"of"` // the hash of the token in the configuration
	Token string `json:"token"`
}

func hash(token connector.Secret) string {
	sum := sha256.Sum256([]byte(token.Reveal()))
	return hex.EncodeToString(sum[:])
}

// latest returns the token to use. If a user has connected the account again, it is the
// one in the configuration.
func (f tokenFile) latest(configured connector.Secret) connector.Secret {
	var stored storedToken
	text, err := os.ReadFile(string(f))
	if err == nil && json.Unmarshal(text, &stored) == nil && stored.Of == hash(configured) {
		return connector.Secret(stored.Token)
	}
	return configured
}

// save replaces the file. It renames a complete file, because a crash in the middle of a
// write would lose both tokens.
func (f tokenFile) save(configured, token connector.Secret) error {
	text, err := json.Marshal(storedToken{hash(configured), token.Reveal()})
	if err != nil {
		return err
	}
	temp := string(f) + ".new"
	if err := os.WriteFile(temp, text, 0o600); err != nil {
		return err
	}
	return os.Rename(temp, string(f))
}

// A Safe is a connector. Its source replaces the refresh token at each use.
type Safe struct {
	RefreshToken connector.Secret `json:"refresh_token" jsonschema:"rotates"`
	TokenFile    string           `json:"token_file"`
}

func (*Safe) Schema(context.Context) (schema.Schema, error) {
	return schema.New("safe", schema.Table{Name: "entries"})
}

func (*Safe) Test(context.Context) error { return nil }

func (s *Safe) Sync(ctx context.Context, _ state.State, _ connector.Emitter) error {
	token := tokenFile(s.TokenFile).latest(s.RefreshToken)
	connector.Hide(ctx, token)
	fmt.Println("using", token.Reveal()) // auth.OAuth2 uses OAuth2Config.RefreshToken
	return s.rotated(ctx, token.Reveal()+"+1")
}

// rotated is the function for OAuth2Config.Rotated. It prefers the platform's store.
func (s *Safe) rotated(ctx context.Context, refreshToken string) error {
	err := connector.ReplaceSecret(ctx, "refresh_token", connector.Secret(refreshToken))
	if errors.Is(err, connector.ErrNotReplaced) {
		return tokenFile(s.TokenFile).save(s.RefreshToken, connector.Secret(refreshToken))
	}
	return err
}

// On platforms that cannot store new values, such as Singer, the connector stores them
// itself.
func ExampleReplaceSecret_file() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	config := filepath.Join(dir, "config.json")
	run := func(token string) {
		text, _ := json.Marshal(map[string]string{"refresh_token": token, "token_file": filepath.Join(dir, "token.json")}) // strings
		if err := os.WriteFile(config, text, 0o600); err != nil {
			fmt.Println(err)
		}
		if err := singer.Serve(context.Background(), &Safe{}, []string{"--config", config}, io.Discard, host.LogTo(slog.DiscardHandler)); err != nil {
			fmt.Println(err)
		}
	}
	run("rt-0123456789")
	run("rt-0123456789")
	run("rt-9876543210") // the account was connected again
	// Output:
	// using rt-0123456789
	// using rt-0123456789+1
	// using rt-9876543210
}
