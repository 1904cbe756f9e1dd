package transport

import (
	"crypto/sha256"
	"fmt"
)

// visited detects a page that is requested a second time. It remembers every page up to
// a number that few sequences reach. From then on, it remembers one page at a time, at
// distances that double, which detects a loop of any length a little later and without
// further memory (Brent's method).
type visited struct {
	seen  map[[16]byte]struct{}
	mark  [16]byte
	count int
	next  int
}

const maxVisited = 1 << 16

func newVisited() *visited {
	return &visited{seen: map[[16]byte]struct{}{}, next: maxVisited}
}

func (v *visited) add(c *Client, req Request) error {
	key, err := c.fingerprint(req)
	if err != nil {
		return err
	}
	if _, again := v.seen[key]; again || v.count >= maxVisited && key == v.mark {
		return fmt.Errorf("%w: the request for page %d is equal to an earlier one: the source leads back to a page, "+
			"because it ignores the parameter for the page or because the path to the next page leads to something else", ErrPageLoop, v.count+1)
	}
	if len(v.seen) < maxVisited {
		v.seen[key] = struct{}{}
	}
	if v.count++; v.count == v.next {
		v.mark = key
		v.next *= 2
	}
	return nil
}

// fingerprint identifies a request by what the source receives.
func (c *Client) fingerprint(req Request) (key [16]byte, err error) {
	k, err := c.prepare(req)
	if err != nil {
		return key, err
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s %s\n", k.method, k.url)
	h.Write(k.body)
	return [16]byte(h.Sum(nil)), nil
}
