package replay

import (
	"cmp"
	"encoding/base64"
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

// memory is a file system for one cassette. It keeps the file in memory, so that the
// file can be checked before it reaches the disk.
type memory struct{ data []byte }

func (m *memory) ReadFile(string) ([]byte, error)       { return m.data, nil }
func (m *memory) WriteFile(_ string, data []byte) error { m.data = data; return nil }
func (m *memory) IsFileExists(string) bool              { return true }

// load decodes the file of a recording.
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
			return nil, fmt.Errorf("exchange %d has no valid status", n)
		}
	}
	return c, nil
}

// encode returns the file of a recording. It decodes the file again, to check that
// the bodies are complete and that no secret is left.
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
		return nil, fmt.Errorf("the encoded recording is not valid: %w", err)
	}
	if len(read.Interactions) != len(exchanges) {
		return nil, fmt.Errorf("the encoded recording has %d exchanges: want %d", len(read.Interactions), len(exchanges))
	}
	leak := s.leaks()
	for n, i := range read.Interactions {
		if was := exchanges[n]; i.Request.Body != was.Request.Body || i.Response.Body != was.Response.Body {
			return nil, fmt.Errorf("exchange %d, %s, has a body that YAML cannot represent", n, i.Request.Method)
		}
		if form := leak(everything(i)); form != "" {
			return nil, fmt.Errorf("exchange %d, %s, would contain %s", n, i.Request.Method, form)
		}
	}
	if form := leak(string(m.data)); form != "" {
		return nil, fmt.Errorf("the file would contain %s", form)
	}
	return m.data, nil
}

// everything returns the text of all fields of an exchange, including unused ones.
// The local types have no String method, which might omit some.
func everything(i *cassette.Interaction) string {
	type request cassette.Request
	type response cassette.Response
	return fmt.Sprintf("%v\n%v", request(i.Request), response(i.Response))
}

// marshal encodes a cassette. It inserts the bodies last, in a style that preserves
// every byte. By itself, the YAML encoder writes some texts with leading white space
// in a form that cannot be decoded.
func marshal(v any) ([]byte, error) {
	c, ok := v.(*cassette.Cassette)
	if !ok {
		return yaml.Marshal(v)
	}
	bodies := map[string]string{}
	mark := func(body string) string {
		if body == "" {
			return ""
		}
		name := fmt.Sprintf("body-%d", len(bodies))
		bodies[name] = body
		return name
	}
	marked := &cassette.Cassette{Version: c.Version}
	for _, i := range c.Interactions {
		i := *i
		i.Request.Body, i.Response.Body = mark(i.Request.Body), mark(i.Response.Body)
		marked.Interactions = append(marked.Interactions, &i)
	}
	var document yaml.Node
	if err := document.Encode(marked); err != nil {
		return nil, err
	}
	putBodies(&document, bodies)
	return yaml.Marshal(&document)
}

// putBodies replaces the marks in a document by the bodies.
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

// bodyNode returns a scalar that preserves every byte of a body and is as readable as
// possible.
func bodyNode(body string) yaml.Node {
	n := yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: body}
	first, _ := utf8.DecodeRuneInString(body)
	plain := func(r rune) bool { return r == '\n' || unicode.IsPrint(r) }
	switch {
	case !utf8.ValidString(body):
		n.Tag, n.Value = "!!binary", base64.StdEncoding.EncodeToString([]byte(body))
	case unicode.IsSpace(first), strings.ContainsFunc(body, func(r rune) bool { return !plain(r) }):
		n.Style = yaml.DoubleQuotedStyle
	case strings.Contains(body, "\n"):
		n.Style = yaml.LiteralStyle
	default:
		n.Style = yaml.SingleQuotedStyle
	}
	return n
}

// write replaces the file of a recording, and creates its directory if necessary. Everyone
// may read the file: it is test data that is committed, and was checked for secrets.
func write(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return atomicfile.Write(path, data, 0o644)
}

// fitLength sets the length of a response to that of its body, after the body was
// decompressed or scrubbed.
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
