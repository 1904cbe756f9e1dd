package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/penstock-sdk/penstock/internal/redact"
	"github.com/penstock-sdk/penstock/internal/runcredential"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/internal/ctxwait"
	"github.com/penstock-sdk/penstock/transport/internal/query"
)

// A sharedAuth is a shared token as used by one client.
type sharedAuth struct {
	*shared
	client *transport.Client
}

// ForClient implements an optional method of transport.Auth.
func (a *sharedAuth) ForClient(c *transport.Client) transport.Auth {
	return &sharedAuth{a.shared, c}
}

func (a *sharedAuth) Authenticate(r *http.Request) error {
	t, err := a.get(r.Context(), a.client, "")
	if err != nil {
		return err
	}
	runcredential.Hide(r.Context(), a.shared, t) // an earlier run may have obtained it
	if a.param != "" {
		r.URL.RawQuery = query.Set(r.URL.RawQuery, a.param, t)
		return nil
	}
	r.Header.Set(a.header, a.prefix+t)
	return nil
}

// Refresh replaces the token that req carried, unless another goroutine has done so.
func (a *sharedAuth) Refresh(ctx context.Context, req *http.Request) error {
	var used string
	if a.param != "" {
		used, _ = query.Get(req.URL.RawQuery, a.param)
	} else if v := req.Header.Get(a.header); len(v) > len(a.prefix) {
		used = v[len(a.prefix):]
	}
	_, err := a.get(ctx, a.client, used)
	return err
}

// A shared is a token that is obtained when it is needed.
type shared struct {
	name                  string
	header, prefix, param string
	configured            bool
	obtain                func(context.Context, *transport.Client) (AccessToken, error)
	counts                bool // the token is the number of a login and not a secret

	turn chan struct{} // held by the goroutine that obtains a token

	// These fields are guarded by turn.
	busyUntil    time.Time // the end of the wait that the source has asked for
	busy         error     // the response that asked for it
	refusedUntil time.Time // until when a refusal of the credentials counts
	refusal      error

	mu       sync.Mutex
	token    AccessToken
	secrets  []string // those of the configuration
	obtained []string // the latest tokens; responses may still repeat old ones
}

func newShared(name string, secrets ...string) *shared {
	return &shared{name: name, configured: true, secrets: slices.Clone(secrets), turn: make(chan struct{}, 1)}
}

// setPlace applies the defaults of header and prefix.
func (s *shared) setPlace() {
	if s.header == "" && s.param == "" {
		s.header = "Authorization"
	}
	s.header = http.CanonicalHeaderKey(s.header)
	switch {
	case s.prefix == "-":
		s.prefix = ""
	case s.prefix == "" && s.header == "Authorization":
		s.prefix = "Bearer "
	}
}

// get returns a valid token that is not the refused one.
func (s *shared) get(ctx context.Context, c *transport.Client, refused string) (string, error) {
	if t := s.current(); t.valid() && t.Value != refused {
		return t.Value, nil
	}
	if c == nil {
		return "", fmt.Errorf("auth.%s: it must be passed to transport.WithAuth as it is", s.name)
	}
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return "", ctxwait.Cause(ctx)
	}
	defer func() { <-s.turn }()
	// Another goroutine may have obtained a token in the meantime.
	if t := s.current(); t.valid() && t.Value != refused {
		return t.Value, nil
	}
	if wait := time.Until(s.busyUntil); wait > 0 {
		return "", temporaryError{s.busy, wait}
	}
	if time.Now().Before(s.refusedUntil) {
		return "", s.refusal
	}
	t, err := s.obtain(ctx, c)
	t.obtained = time.Now()
	if err != nil {
		if isRefusal(err) {
			s.refusedUntil, s.refusal = t.obtained.Add(refusalCounts), err
		}
		if wait := askedWait(err); wait > 0 {
			s.busyUntil, s.busy = time.Now().Add(wait), err
		}
		return "", err
	}
	if !s.counts {
		s.addObtained(ctx, t.Value)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token = t
	return t.Value, nil
}

// refusalCounts is how long a refusal of the credentials counts for all requests. If
// hundreds of requests repeated wrong credentials, the source might lock the account.
const refusalCounts = 10 * time.Second

// isRefusal reports whether the source has refused the credentials.
func isRefusal(err error) bool {
	var configuration interface{ Configuration() bool }
	var refused *refusedError
	var failed *transport.Error
	return errors.As(err, &configuration) && configuration.Configuration() &&
		(errors.As(err, &refused) || errors.As(err, &failed) && failed.Status != 0)
}

func (s *shared) current() AccessToken {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.token
}

// maxObtained bounds the memory of a run that sees thousands of tokens.
const maxObtained = 8

// addObtained adds a token to hide, here and in the whole run.
func (s *shared) addObtained(ctx context.Context, token string) {
	if token != "" {
		runcredential.Hide(ctx, s, token)
		s.remember(token)
	}
}

// remember adds a secret to hide in errors and logs of the client.
func (s *shared) remember(secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if slices.Contains(s.obtained, secret) {
		return
	}
	s.obtained = append(s.obtained, secret)
	if len(s.obtained) > maxObtained {
		s.obtained = slices.Delete(s.obtained, 0, 1)
	}
}

func (s *shared) Configured() bool { return s.configured }

func (s *shared) Secrets() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := slices.Concat(s.secrets, s.obtained)
	if !s.counts {
		all = append(all, s.token.Value)
	}
	return all
}

// minMasked is the length in bytes of the shortest secret that is masked.
const minMasked = 4

// redact returns a text without the secrets, for a text that is shortened: the client
// may not recognize a part of a secret.
func (s *shared) redact(text string) string {
	return redact.New(slices.DeleteFunc(s.Secrets(), func(secret string) bool { return len(secret) < minMasked })).Text(text)
}

func (s *shared) SecretParams() []string {
	if s.param == "" {
		return nil
	}
	return []string{s.param}
}

func (s *shared) Format(f fmt.State, _ rune) { hide(f, s.name) }
