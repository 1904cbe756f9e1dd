package transport

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// A Token is what a login gives: the value that authenticates requests.
type Token struct {
	// Value is the token itself. Required.
	Value string
	// Expires is when it stops working; shortly before, the next request logs
	// in again. The zero time is a token that works until the source refuses
	// it.
	Expires time.Time
}

// expiryMargin is how long before its end a token is replaced, for the time a
// request needs to arrive.
const expiryMargin = 10 * time.Second

func (t Token) valid() bool {
	return t.Value != "" && (t.Expires.IsZero() || time.Now().Add(expiryMargin).Before(t.Expires))
}

// SessionConfig says how to log in, and where to put what that gives.
type SessionConfig struct {
	// Login gets a token. It is called for the first request, when the token
	// expires, and when the source answers 401; by one goroutine at a time,
	// while others wait for the result. client is the client that the session
	// belongs to, without credentials; its retries apply. Required.
	Login func(ctx context.Context, client *Client) (Token, error)

	// Header is the header that carries the token, behind Prefix. Optional; the
	// default is Authorization, unless Query is set.
	Header string

	// Prefix is put before the token in the header. Optional; the default is
	// "Bearer " where Header is Authorization or empty, and nothing elsewhere.
	// A Prefix of "-" is no prefix.
	Prefix string

	// Query is the query parameter that carries the token, instead of a header.
	// Optional.
	Query string

	// Secrets are values to hide in errors and logs besides the token, such as
	// the password that Login sends. Optional.
	Secrets []string
}

// Session authenticates with a token that a login gives: it logs in once, uses
// the token for all requests, and logs in again when the token has expired or
// the source answers 401, after which the request is repeated once. Any number
// of goroutines share one login.
func Session(cfg SessionConfig) Auth {
	s := &session{header: cfg.Header, prefix: cfg.Prefix, query: cfg.Query, secrets: cfg.Secrets, turn: make(chan struct{}, 1)}
	s.login = func(ctx context.Context) (Token, error) {
		if cfg.Login == nil {
			return Token{}, errors.New("transport.Session: Login is required")
		}
		c, err := clientOf(ctx)
		if err != nil {
			return Token{}, err
		}
		t, err := cfg.Login(ctx, c.anonymous())
		if err == nil && t.Value == "" {
			err = errors.New("the login gave no token")
		}
		if err != nil {
			err = fmt.Errorf("log in: %w", err)
		}
		return t, err
	}
	s.place()
	return s
}

// A session is a token with a way to get a new one.
type session struct {
	header, prefix, query string
	secrets               []string
	login                 func(context.Context) (Token, error)

	turn chan struct{} // held by the goroutine that logs in

	mu    sync.Mutex
	token Token
	old   string // the token before, which answers may still repeat
}

// place settles where the token goes.
func (s *session) place() {
	if s.header == "" && s.query == "" {
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

func (s *session) Authenticate(r *http.Request) error {
	t, err := s.get(r.Context(), "")
	if err != nil {
		return err
	}
	if s.query != "" {
		q := r.URL.Query()
		q.Set(s.query, t)
		r.URL.RawQuery = q.Encode()
		return nil
	}
	r.Header.Set(s.header, s.prefix+t)
	return nil
}

// Refresh replaces the token that req carried, if nobody has done so since.
func (s *session) Refresh(ctx context.Context, req *http.Request) error {
	var used string
	if s.query != "" {
		used = req.URL.Query().Get(s.query)
	} else if v := req.Header.Get(s.header); len(v) > len(s.prefix) {
		used = v[len(s.prefix):]
	}
	_, err := s.get(ctx, used)
	return err
}

// get returns a valid token that is not the refused one.
func (s *session) get(ctx context.Context, refused string) (string, error) {
	if t := s.current(); t.valid() && t.Value != refused {
		return t.Value, nil
	}
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return "", ended(ctx)
	}
	defer func() { <-s.turn }()
	// Another goroutine may have logged in while this one waited for its turn.
	if t := s.current(); t.valid() && t.Value != refused {
		return t.Value, nil
	}
	t, err := s.login(ctx)
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.old, s.token = s.token.Value, t
	return t.Value, nil
}

func (s *session) current() Token {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.token
}

func (s *session) Secrets() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{s.token.Value, s.old}, s.secrets...)
}

func (s *session) SecretParams() []string {
	if s.query == "" {
		return nil
	}
	return []string{s.query}
}

func (s *session) Format(f fmt.State, _ rune) { hideIn(f, "Session") }
