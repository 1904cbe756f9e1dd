package fakeapi

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"
)

// An issuer holds the tokens of a token endpoint. It is safe for concurrent use.
type issuer struct {
	mu      sync.Mutex
	access  map[string]accessToken
	refresh string          // the valid refresh token, or ""
	used    map[string]bool // refresh tokens that have been replaced or revoked
}

type accessToken struct {
	expires time.Time
	revoked bool
}

// A grant is the result of a token request.
type grant struct {
	access  string
	refresh string // "" for the grant client_credentials
}

func newIssuer() *issuer {
	return &issuer{access: map[string]accessToken{}, used: map[string]bool{}}
}

// issue issues an access token.
func (i *issuer) issue(lifetime time.Duration) grant {
	i.mu.Lock()
	defer i.mu.Unlock()
	return grant{access: i.add(lifetime)}
}

// rotate issues an access token and replaces the refresh token. It returns an error
// that says why the refresh token is not valid. Checking and replacing it is one step,
// so only one of several concurrent requests succeeds.
func (i *issuer) rotate(refresh string, lifetime time.Duration) (grant, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	switch {
	case i.used[refresh]:
		return grant{}, errors.New("the refresh token has been replaced or revoked")
	case refresh == "" || refresh != i.refresh:
		return grant{}, errors.New("the refresh token is unknown")
	}
	access := i.add(lifetime)
	i.used[refresh] = true
	i.refresh = tokenOf("refresh", len(i.access))
	return grant{access, i.refresh}, nil
}

// add adds an access token. The caller holds i.mu.
func (i *issuer) add(lifetime time.Duration) string {
	token := tokenOf("access", len(i.access)+1)
	i.access[token] = accessToken{expires: time.Now().Add(lifetime)}
	return token
}

// tokenOf returns a token that is the same in each run and too long to occur by
// chance, so that a test can search for it.
func tokenOf(kind string, number int) string {
	name := fmt.Sprintf("%s-%d", kind, number)
	sum := sha256.Sum256([]byte("fakeapi " + name))
	return name + "-" + hex.EncodeToString(sum[:12])
}

// check returns the reason why an access token is not valid, or nil.
func (i *issuer) check(access string) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	token, ok := i.access[access]
	switch {
	case !ok:
		return errors.New("the access token is unknown")
	case token.revoked:
		return errors.New("the access token has been revoked")
	case !time.Now().Before(token.expires):
		return errors.New("the access token has expired")
	}
	return nil
}

// issued returns the number of access tokens.
func (i *issuer) issued() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return len(i.access)
}

func (i *issuer) currentRefresh() string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.refresh
}

func (i *issuer) revokeAccess() {
	i.mu.Lock()
	defer i.mu.Unlock()
	for name, token := range i.access {
		token.revoked = true
		i.access[name] = token
	}
}

func (i *issuer) revokeRefresh() {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.refresh != "" {
		i.used[i.refresh], i.refresh = true, ""
	}
}
