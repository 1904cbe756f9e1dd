package transport

import (
	"context"
	"errors"
	"fmt"

	"github.com/penstock-sdk/penstock/transport/internal/bodytext"
)

// WithCharset sets the charset of the text in responses, by one of the names that
// package charset lists. It is for sources that declare no charset or a wrong one, and
// takes precedence over what they declare in Content-Type and in an XML declaration. A
// byte order mark and the field Charset of format.CSV take precedence over it. The
// default is the charset that a response declares, otherwise UTF-8 (see "Charsets" in
// the package documentation).
func WithCharset(name string) Option {
	return func(s *settings) {
		if err := bodytext.Check(name); err != nil {
			s.fail("WithCharset: %w", err)
			return
		}
		s.charset = name
	}
}

// textSource returns the charset of a response, and the report for bytes that are not valid
// in it.
func (c *Client) textSource(resp *Response) bodytext.Source {
	s := bodytext.Source{Charset: c.charset, Report: c.texts}
	if s.Charset == "" {
		s.ContentType, s.Declared = resp.Header.Get("Content-Type"), true
		s.Charset = bodytext.OfContentType(s.ContentType)
	}
	return s
}

// utf8Body returns the body of a response as UTF-8, without a byte order mark. Its
// invalid bytes are counted in the response.
func (r *Response) utf8Body() ([]byte, error) {
	text, n, err := bodytext.Decode(r.Body, r.source.Charset, r.source.Declared, r.maxBody())
	if bodytext.IsTruncated(err) {
		return nil, r.source.Explain(err)
	}
	if errors.Is(err, ErrTooLarge) {
		return nil, fmt.Errorf("body: %w: request smaller pages or raise transport.WithMaxBody", err)
	}
	if err != nil {
		return nil, final(r.source.CannotDecode(err))
	}
	r.replaced = n
	return text, nil
}

// reportText reports the invalid bytes of a response that was decoded, and a charset that
// it declares wrongly.
func (r *Response) reportText(ctx context.Context) {
	if r.replaced > 0 {
		r.source.Report.Add(ctx, r.source.Name(), r.replaced)
	}
	if r.source.Declared && bodytext.IsMisdeclared(r.Body, r.source.Charset) {
		r.source.Report.AddMisdeclared(ctx, r.source.Name())
	}
}
