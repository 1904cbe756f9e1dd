package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/penstock-sdk/penstock/internal/runcredential"
	"github.com/penstock-sdk/penstock/internal/userwarning"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/internal/ctxwait"
)

// A refreshGrant is a refresh token that the source may replace (RFC 6749 §6), and the
// access token that was obtained with it. The values of OAuth2 with the same
// configuration share one within a run, because a refresh token that one of them has used
// may no longer work for the others.
type refreshGrant struct {
	turn chan struct{} // held by the goroutine that uses the fields below

	token    string
	unstored bool        // whether Rotated has not accepted token yet
	access   AccessToken // the latest one
	scopes   string      // of access
	warned   bool        // whether the warning has been logged
}

func newRefreshGrant(token string) *refreshGrant {
	return &refreshGrant{turn: make(chan struct{}, 1), token: token}
}

// A grantKey identifies a refreshGrant within a run.
type grantKey struct{ tokenURL, clientID, refreshToken string }

const (
	// outlive is how long an exchange continues after its context has ended. The
	// source may already have replaced the refresh token, and the new one would be
	// lost. A canceled run must end within a second.
	outlive = 500 * time.Millisecond
	// storeLimit is how long Rotated may take.
	storeLimit = 10 * time.Second
)

// refreshToken exchanges the refresh token for an access token. It stores a new refresh
// token before it returns the access token. own is the grant of this value of OAuth2.
func (s *shared) refreshToken(ctx context.Context, c *transport.Client, cfg OAuth2Config, e *tokenEndpoint, own *refreshGrant) (AccessToken, error) {
	g := runcredential.Share(ctx, grantKey{cfg.TokenURL, cfg.ClientID, cfg.RefreshToken}, own)
	select {
	case g.turn <- struct{}{}:
	case <-ctx.Done():
		return AccessToken{}, ctxwait.Cause(ctx)
	}
	defer func() { <-g.turn }()
	// If another value has obtained a newer access token, use it. Obtaining a further one
	// might make the source revoke it.
	scopes := strings.Join(cfg.Scopes, " ")
	if t := g.access; t.valid() && g.scopes == scopes && t.Value != s.current().Value {
		return t, nil
	}
	if g.token != cfg.RefreshToken {
		s.addObtained(ctx, g.token) // another value may have obtained it
	}
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {g.token}}
	if scopes != "" {
		form.Set("scope", scopes)
	}
	longer, stop := longerThan(ctx, outlive)
	defer stop()
	answer, err := e.exchange(longer, c, form)
	if err != nil {
		return AccessToken{}, err
	}
	if answer.refreshToken != "" && answer.refreshToken != g.token {
		g.token, g.unstored = answer.refreshToken, true
		s.addObtained(ctx, g.token)
	}
	s.addObtained(ctx, answer.accessToken)
	if g.unstored { // even if the access token is not usable
		if err := s.store(ctx, c, cfg, g); err != nil {
			return AccessToken{}, err
		}
	}
	t, err := answer.token()
	if err == nil {
		t.obtained = time.Now()
		g.access, g.scopes = t, scopes
	}
	return t, err
}

// longerThan returns a context that ends some time after ctx.
func longerThan(ctx context.Context, d time.Duration) (longer context.Context, stop func()) {
	longer, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	unwatch := context.AfterFunc(ctx, func() {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
			cancel(context.Cause(ctx))
		case <-longer.Done():
		}
	})
	return longer, func() {
		unwatch()
		cancel(context.Canceled)
	}
}

// store passes the new refresh token to Rotated. It warns if there is no place for it.
func (s *shared) store(ctx context.Context, c *transport.Client, cfg OAuth2Config, g *refreshGrant) error {
	if cfg.Rotated == nil {
		g.unstored = false
		g.warn(ctx, c, "the source replaced the refresh token, and the new one is lost when the process ends, because the connector does not store it: "+
			"the source may refuse the next run until the account is connected again; to store new refresh tokens, set OAuth2Config.Rotated of package auth, for example to a function that calls connector.ReplaceSecret")
		return nil
	}
	limited, stop := context.WithTimeout(context.WithoutCancel(ctx), storeLimit)
	defer stop()
	err := cfg.Rotated(limited, g.token)
	var lost interface{ NotStored() bool }
	switch {
	case err == nil:
	case errors.As(err, &lost) && lost.NotStored():
		g.warn(ctx, c, s.redact("the source replaced the refresh token, and the new one is lost when the process ends, because it could not be stored ("+err.Error()+"): "+
			"the source may refuse the next run until the account is connected again; OAuth2Config.Rotated of package auth can store the token elsewhere"))
	default:
		return fmt.Errorf("store the new refresh token: %w", err)
	}
	g.unstored = false
	return nil
}

// warn warns the user of the platform in a sync, and otherwise logs the warning once.
func (g *refreshGrant) warn(ctx context.Context, c *transport.Client, message string) {
	if userwarning.Reaches(ctx) { // the runtime delivers it once for each sync
		userwarning.Warn(ctx, "refresh token not stored", message)
		return
	}
	if !g.warned {
		g.warned = true
		c.Logger().LogAttrs(ctx, slog.LevelWarn, message)
	}
}
