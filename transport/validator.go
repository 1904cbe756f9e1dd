package transport

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/net/http/httpguts"

	"github.com/penstock-sdk/penstock/internal/secretname"
	"github.com/penstock-sdk/penstock/transport/internal/query"
)

// A ValidatorStore stores the validators of responses between two syncs; see
// [Request].Validators. A *state.Part is a ValidatorStore.
//
// Get decodes the JSON value of a key into v, and reports whether there is one. Set
// replaces it with the JSON encoding of v. The only key is [ValidatorsKey]. This package
// never calls the methods of any store concurrently.
type ValidatorStore interface {
	Get(key string, v any) (found bool, err error)
	Set(key string, v any) error
}

// ValidatorsKey is the key of all validators in a [ValidatorStore]. Deleting it, as with
// st.Table("orders").Delete(transport.ValidatorsKey), makes the next requests
// unconditional.
const ValidatorsKey = "validators"

// The limits of a store. A validator that exceeds them is not stored, and the oldest
// ones are removed. Their responses are then read in full.
const (
	maxValidators     = 128
	maxValidatorBytes = 64 << 10
	maxETag           = 1 << 10
	maxNextURL        = 2 << 10
)

// A validator identifies the content of a response that has been delivered (RFC 9110 §8.8).
type validator struct {
	Request  string `json:"request"`        // a hash; see validatorKey
	List     string `json:"list,omitempty"` // of the first page, if it is another one
	ETag     string `json:"etag,omitempty"`
	Modified string `json:"modified,omitempty"` // Last-Modified, if there is no ETag
	Records  int    `json:"records,omitempty"`  // of a page
	Next     string `json:"next,omitempty"`     // the URL of the page after it, or "" if there is none
	Given    bool   `json:"given,omitempty"`    // the source has sent that URL
}

// newValidator returns the validator in the headers of a response. It reports false if
// there is none.
func newValidator(key string, h http.Header) (validator, bool) {
	v := validator{Request: key}
	if tag := h.Get("ETag"); validETag(tag) {
		v.ETag = tag
		return v, true
	}
	text := h.Get("Last-Modified")
	modified, err := http.ParseTime(text)
	if err != nil || len(text) > maxETag {
		return v, false
	}
	// If the response was made in the second of the change, a further change in the
	// same second has the same date (RFC 9110 §8.8.2.2).
	if made, err := http.ParseTime(h.Get("Date")); err == nil && made.Sub(modified) < time.Second {
		return v, false
	}
	v.Modified = text
	return v, true
}

// validETag reports whether a source may have the ETag of a single representation. It
// accepts those without quotes, which are not valid but common. The value * would match
// every representation.
func validETag(tag string) bool {
	if tag == "" || len(tag) > maxETag || !httpguts.ValidHeaderFieldValue(tag) || !utf8.ValidString(tag) {
		return false
	}
	opaque := strings.TrimPrefix(strings.TrimPrefix(tag, "W/"), "w/")
	if quoted := strings.TrimPrefix(opaque, `"`); quoted != opaque {
		inner, ok := strings.CutSuffix(quoted, `"`)
		return ok && inner != "" && !strings.ContainsAny(inner, "\" \t")
	}
	return !strings.ContainsAny(opaque, "\"*, \t")
}

// strong reports whether an unchanged validator means that each byte of the body is
// unchanged.
func (v *validator) strong() bool { return strings.HasPrefix(v.ETag, `"`) }

func (v *validator) size() int {
	return len(v.Request) + len(v.List) + len(v.ETag) + len(v.Modified) + len(v.Next)
}

// validatorKey identifies a request by everything that distinguishes its response,
// except for credentials, which are replaced from time to time.
func (k *call) validatorKey(req Request, reader string) string {
	h := sha256.New()
	u := *k.url
	pairs := strings.Split(query.Remove(u.RawQuery, secretParams(k.client.auth)...), "&")
	// Requests for the same page may differ in the order of their parameters.
	slices.SortStableFunc(pairs, func(a, b string) int {
		a, _, _ = strings.Cut(a, "=")
		b, _, _ = strings.Cut(b, "=")
		return strings.Compare(a, b)
	})
	u.RawQuery, u.User = strings.Join(pairs, "&"), nil
	fmt.Fprintf(h, "%s\n%s\n%s\n", reader, req.RecordsAt, u.String())
	names := make([]string, 0, len(k.header))
	for name := range k.header {
		if name != "User-Agent" && !secretname.Header(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(h, "%s: %q\n", name, k.header[name])
	}
	h.Write(k.body)
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:16])
}

// storing guards all stores: several requests may share one, and each change reads and
// writes the whole list.
var storing sync.Mutex

func loadValidators(store ValidatorStore) ([]validator, error) {
	var list []validator
	if _, err := store.Get(ValidatorsKey, &list); err != nil {
		return nil, fmt.Errorf("load the validators: %w", err)
	}
	return list, nil
}

func saveValidators(store ValidatorStore, list []validator) error {
	if err := store.Set(ValidatorsKey, list); err != nil {
		return fmt.Errorf("store the validators: %w", err)
	}
	return nil
}

func indexOf(list []validator, key string) int {
	return slices.IndexFunc(list, func(v validator) bool { return v.Request == key })
}

// findValidator returns the validator of a request, or nil if there is none.
func findValidator(store ValidatorStore, key string) (*validator, error) {
	storing.Lock()
	defer storing.Unlock()
	list, err := loadValidators(store)
	if err != nil {
		return nil, err
	}
	if i := indexOf(list, key); i >= 0 && list[i].usable() {
		return &list[i], nil
	}
	return nil, nil
}

// usable reports whether the validator can be sent. A person may have edited the state.
func (v *validator) usable() bool {
	return validETag(v.ETag) || v.Modified != "" && httpguts.ValidHeaderFieldValue(v.Modified)
}

// removeValidators removes the validators for which a function returns true.
func removeValidators(store ValidatorStore, remove func(validator) bool) error {
	storing.Lock()
	defer storing.Unlock()
	list, err := loadValidators(store)
	if err != nil {
		return err
	}
	n := len(list)
	if list = slices.DeleteFunc(list, remove); len(list) == n {
		return nil
	}
	return saveValidators(store, list)
}

// addValidator stores a validator and removes the oldest ones above the limits.
func addValidator(store ValidatorStore, v validator) error {
	storing.Lock()
	defer storing.Unlock()
	list, err := loadValidators(store)
	if err != nil {
		return err
	}
	if i := indexOf(list, v.Request); i >= 0 {
		list = slices.Delete(list, i, i+1)
	}
	list = append(list, v)
	size := 0
	for i := range list {
		size += list[i].size()
	}
	for len(list) > maxValidators || size > maxValidatorBytes {
		size -= list[0].size()
		list = list[1:]
	}
	return saveValidators(store, list)
}
