package replay

import (
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
	"gopkg.in/dnaeon/go-vcr.v4/pkg/cassette"

	"github.com/penstock-sdk/penstock/internal/atomicfile"
)

// memory is the file system that cassettes are loaded from and saved to: a file
// is looked at before it reaches the disk.
type memory struct{ data []byte }

func (m *memory) ReadFile(string) ([]byte, error)       { return m.data, nil }
func (m *memory) WriteFile(_ string, data []byte) error { m.data = data; return nil }
func (m *memory) IsFileExists(string) bool              { return true }

// load reads a file.
func load(data []byte) (*cassette.Cassette, error) {
	c, err := cassette.LoadWithFS("recording", &memory{data})
	if err != nil {
		return nil, err
	}
	for n, i := range c.Interactions {
		switch {
		case i == nil:
			return nil, fmt.Errorf("exchange %d is empty", n)
		case i.Response.Code < 100 || i.Response.Code > 999:
			return nil, fmt.Errorf("exchange %d has no status", n)
		}
	}
	return c, nil
}

// encode returns the file of a recording, and makes sure that it is one: that it
// holds no secret, and every byte of the bodies.
func encode(exchanges []*cassette.Interaction, s *scrubber) ([]byte, error) {
	c, m := cassette.New("recording"), &memory{}
	c.MarshalFunc = marshal
	for _, i := range exchanges {
		c.AddInteraction(i)
	}
	if err := c.SaveWithFS(m); err != nil {
		return nil, err
	}
	read, err := load(m.data)
	if err != nil {
		return nil, fmt.Errorf("what would be written can't be read: %w", err)
	}
	if len(read.Interactions) != len(exchanges) {
		return nil, errors.New("what would be written is not what was recorded")
	}
	for n, i := range read.Interactions {
		if was := exchanges[n]; i.Request.Body != was.Request.Body || i.Response.Body != was.Response.Body {
			return nil, fmt.Errorf("exchange %d, %s, has a body that can't be stored", n, i.Request.Method)
		}
		if form := s.find(everything(i)); form != "" {
			return nil, fmt.Errorf("exchange %d, %s, would hold a secret %s", n, i.Request.Method, form)
		}
	}
	if form := s.find(string(m.data)); form != "" {
		return nil, fmt.Errorf("the file would hold a secret %s", form)
	}
	return m.data, nil
}

// find returns the form in which a secret is left in text, or "".
func (s *scrubber) find(text string) (form string) {
	for _, secret := range s.secrets {
		form = cmp.Or(form, secret.form(text))
	}
	return form
}

// everything returns all texts of an exchange, those of fields that are not used
// included. The types have no String method, which would shorten them.
func everything(i *cassette.Interaction) string {
	type request cassette.Request
	type response cassette.Response
	return fmt.Sprintf("%v\n%v", request(i.Request), response(i.Response))
}

// marshal encodes the cassette that is saved. The bodies are put in last, in a style that keeps
// each of their bytes: the encoder by itself writes texts with certain blanks
// such that they can't be read again.
func marshal(v any) ([]byte, error) {
	c, ok := v.(*cassette.Cassette)
	if !ok {
		return yaml.Marshal(v)
	}
	bodies := map[string]string{}
	hide := func(body string) string {
		if body == "" {
			return ""
		}
		mark := fmt.Sprintf("body-%d", len(bodies))
		bodies[mark] = body
		return mark
	}
	marked := &cassette.Cassette{Version: c.Version}
	for _, i := range c.Interactions {
		i := *i
		i.Request.Body, i.Response.Body = hide(i.Request.Body), hide(i.Response.Body)
		marked.Interactions = append(marked.Interactions, &i)
	}
	var document yaml.Node
	if err := document.Encode(marked); err != nil {
		return nil, err
	}
	putBodies(&document, bodies)
	return yaml.Marshal(&document)
}

func putBodies(n *yaml.Node, bodies map[string]string) {
	for i, child := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 1 && n.Content[i-1].Value == "body" {
			if body, ok := bodies[child.Value]; ok {
				*child = bodyNode(body)
			}
		}
		putBodies(child, bodies)
	}
}

func bodyNode(body string) yaml.Node {
	n := yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: body}
	first, _ := utf8.DecodeRuneInString(body)
	tame := func(r rune) bool { return r == '\n' || unicode.IsPrint(r) }
	switch {
	case !utf8.ValidString(body):
		n.Tag, n.Value = "!!binary", base64.StdEncoding.EncodeToString([]byte(body))
	case unicode.IsSpace(first), strings.ContainsFunc(body, func(r rune) bool { return !tame(r) }):
		n.Style = yaml.DoubleQuotedStyle
	case strings.Contains(body, "\n"):
		n.Style = yaml.LiteralStyle
	default:
		n.Style = yaml.SingleQuotedStyle
	}
	return n
}

// write replaces the file of a recording, and creates its directory if necessary.
func write(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return atomicfile.Write(path, data, 0o644)
}

// fitLength makes a response's length that of its body, which was decoded or
// scrubbed.
func fitLength(r *cassette.Response) {
	r.ContentLength = int64(len(r.Body))
	if r.Headers.Get("Content-Length") != "" {
		r.Headers = r.Headers.Clone()
		r.Headers.Set("Content-Length", fmt.Sprint(len(r.Body)))
	}
}

// statusOf returns the status line of a response.
func statusOf(r *cassette.Response) string {
	return cmp.Or(r.Status, fmt.Sprintf("%d %s", r.Code, http.StatusText(r.Code)))
}
