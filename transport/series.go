package transport

import (
	"context"
	"maps"
	"sync"

	"github.com/penstock-sdk/penstock/transport/internal/consumption"
)

// A series holds the validators of a sequence of pages while the sequence is read. A nil
// series is that of requests without validators.
//
// A validator states that the platform has the content of a page. Records move between
// pages when others are added or removed. The validator of a page therefore no longer
// counts once another page has delivered newer versions of its records, even if the source
// returns to the earlier content of both. So the store loses the validators of all pages
// before the first page with content is delivered, and regains each one when the source
// confirms it.
type series struct {
	store ValidatorStore
	key   string               // of the first request
	known map[string]validator // of the earlier sync

	mu        sync.Mutex
	confirmed map[string]bool // the requests whose pages are unmodified in this sync
	cleared   bool
}

// openSeries loads the validators of a sequence that begins with a request.
func (s *sequence) openSeries(first Request) error {
	if first.Validators == nil || s.series != nil {
		return nil
	}
	k, err := s.client.prepare(first)
	if err != nil {
		return s.client.requestError(first, err)
	}
	opened := &series{store: first.Validators, key: k.validatorKey(first, s.reader()), known: map[string]validator{}, confirmed: map[string]bool{}}
	storing.Lock()
	defer storing.Unlock()
	list, err := loadValidators(first.Validators)
	if err != nil {
		return s.client.requestError(first, err)
	}
	for _, v := range list {
		if opened.has(v) && v.usable() {
			opened.known[v.Request] = v
		}
	}
	s.series = opened
	return nil
}

// has reports whether a validator is that of a page of the series.
func (s *series) has(v validator) bool { return v.Request == s.key || v.List == s.key }

// find returns what the platform has of a page, or nil.
func (s *series) find(key string) *validator {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, ok := s.known[key]
	if !ok {
		return nil
	}
	return &v
}

// forget removes the validator of a page that has to be read in full.
func (s *series) forget(key string) error {
	s.mu.Lock()
	delete(s.known, key)
	delete(s.confirmed, key)
	s.mu.Unlock()
	return removeValidators(s.store, func(v validator) bool { return v.Request == key })
}

// begin is called before the content of a page is delivered.
func (s *series) begin() error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	first, confirmed := !s.cleared, maps.Clone(s.confirmed)
	s.cleared = true
	s.mu.Unlock()
	if !first {
		return nil
	}
	return removeValidators(s.store, func(v validator) bool { return s.has(v) && !confirmed[v.Request] })
}

// confirm is called once the caller has passed a page that has not been modified.
func (s *series) confirm(ctx context.Context, v validator) error {
	return consumption.After(ctx, func() error {
		s.mu.Lock()
		s.confirmed[v.Request] = true
		cleared := s.cleared
		s.mu.Unlock()
		if !cleared {
			return nil // it is still in the store
		}
		return addValidator(s.store, v)
	})
}
