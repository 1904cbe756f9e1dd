package packaging

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"go.yaml.in/yaml/v4"
)

// quoted returns a YAML string in double quotes, so that every reader of YAML 1.1 and
// 1.2 takes it for a string with exactly this text.
func quoted(text string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.DoubleQuotedStyle, Value: text}
}

// quotedUnlessEmpty returns nil for an empty text, which omits a member.
func quotedUnlessEmpty(text string) *yaml.Node {
	if text == "" {
		return nil
	}
	return quoted(text)
}

// noted returns a node with a comment after it.
func noted(n *yaml.Node, comment string) *yaml.Node {
	n.LineComment = "# " + comment
	return n
}

// A converter turns JSON values into YAML.
type converter struct {
	text func(string) string // edits each string
	name func(string) string // edits the name of each member that is not within a list
}

// value returns a JSON value as YAML.
func (c *converter) value(value jsontext.Value) (*yaml.Node, error) {
	return c.next(jsontext.NewDecoder(bytes.NewReader(value)), false)
}

// next returns the next value of a decoder.
func (c *converter) next(dec *jsontext.Decoder, inList bool) (*yaml.Node, error) {
	token, err := dec.ReadToken()
	if err != nil {
		return nil, err
	}
	switch token.Kind() {
	case '"':
		return quoted(c.text(token.String())), nil
	case '0':
		tag := "!!int"
		if strings.ContainsAny(token.String(), ".eE") {
			tag = "!!float"
		}
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: token.String()}, nil
	case 'n':
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}, nil
	case 't', 'f':
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: token.String()}, nil
	}
	if token.Kind() == '[' {
		return c.items(dec, &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}, true)
	}
	return c.items(dec, &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}, inList)
}

// items adds the rest of a list or an object to n.
func (c *converter) items(dec *jsontext.Decoder, n *yaml.Node, inList bool) (*yaml.Node, error) {
	for dec.PeekKind() != ']' && dec.PeekKind() != '}' {
		if n.Kind == yaml.MappingNode {
			token, err := dec.ReadToken()
			if err != nil {
				return nil, err
			}
			name := token.String()
			if !inList {
				name = c.name(name)
			}
			n.Content = append(n.Content, quoted(name))
		}
		item, err := c.next(dec, inList)
		if err != nil {
			return nil, err
		}
		n.Content = append(n.Content, item)
	}
	_, err := dec.ReadToken()
	return n, err
}

// dump returns a YAML document after a comment.
func dump(comment string, document any) ([]byte, error) {
	var b bytes.Buffer
	for line := range strings.Lines(comment) {
		b.WriteString("# " + line)
	}
	b.WriteString("\n")
	body, err := yaml.Dump(document, yaml.WithIndent(2), yaml.WithLineWidth(-1), yaml.WithCompactSeqIndent(false))
	if err != nil {
		return nil, fmt.Errorf("encode YAML: %w", err)
	}
	b.Write(body)
	return b.Bytes(), nil
}
