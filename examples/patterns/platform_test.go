package patterns_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/transport"
)

// A platform stores the configuration and the state of a connector from one sync to the
// next, as data platforms do. Its network consists of one source.
type platform struct {
	source        http.HandlerFunc
	configuration map[string]any
	state         json.RawMessage
}

// newPlatform returns a platform for a source. The fields of the configuration are
// added to base_url.
func newPlatform(source http.HandlerFunc, fields map[string]any) *platform {
	configuration := map[string]any{"base_url": "https://api.example.com"}
	maps.Copy(configuration, fields)
	return &platform{source: source, configuration: configuration}
}

// sync runs a connector and prints the lines that it writes. The program of a connector
// calls penstock.Main instead.
func (p *platform) sync(c connector.Connector) {
	request, err := json.Marshal(map[string]any{"secrets": p.configuration, "state": p.state})
	if err != nil {
		fmt.Println("error:", err)
		return
	}
	ctx := transport.NewContext(context.Background(), network{p.source})
	var lines bytes.Buffer
	if err := stdin.Serve(ctx, c, bytes.NewReader(request), &lines, host.LogTo(slog.DiscardHandler)); err != nil {
		fmt.Println("error:", err)
	}
	fmt.Print(lines.String())
	p.store(&lines)
}

// store keeps the replaced values of the configuration and the last state.
func (p *platform) store(lines *bytes.Buffer) {
	for reader := stdin.NewReader(lines); ; {
		line, err := reader.Next()
		if err != nil {
			return // io.EOF, or a line that does not follow the protocol, which is printed
		}
		switch line.Kind {
		case stdin.State:
			p.state = bytes.Clone(line.State)
		case stdin.Secrets:
			for field, value := range line.Secrets {
				p.configuration[field] = value
			}
		}
	}
}

// A network leads every request to a handler.
type network struct{ http.Handler }

func (n network) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	n.ServeHTTP(w, r)
	response := w.Result()
	response.Request = r
	return response, nil
}
