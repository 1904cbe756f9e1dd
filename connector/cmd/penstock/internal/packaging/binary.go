package packaging

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/schema"
)

// A Binary is a program that runs on this machine.
type Binary struct {
	Path       string
	ImportPath string // for error messages
}

// patience is the time that a program has to answer.
const patience = 30 * time.Second

// CheckAirbyte returns an error if the program does not answer Airbyte's command spec.
func (b *Binary) CheckAirbyte(ctx context.Context) error {
	answer, err := b.run(ctx, "", "airbyte", "spec")
	if err == nil && !hasSpec(answer) {
		err = fmt.Errorf("it printed %.200q, which contains no SPEC message", answer)
	}
	return b.unserved(ctx, "Airbyte", "airbyte spec", err)
}

// hasSpec reports whether one of the lines is a SPEC message.
func hasSpec(lines []byte) bool {
	for line := range bytes.Lines(lines) {
		var message struct {
			Type string `json:"type"`
			Spec struct {
				ConnectionSpecification map[string]json.RawMessage `json:"connectionSpecification"`
			} `json:"spec"`
		}
		if json.Unmarshal(line, &message) == nil && message.Type == "SPEC" && message.Spec.ConnectionSpecification != nil {
			return true
		}
	}
	return false
}

// Capabilities returns the capabilities that the program lists as a Singer tap.
func (b *Binary) Capabilities(ctx context.Context) ([]string, error) {
	answer, err := b.run(ctx, "", "singer", "--about", "--format", "json")
	var capabilities []string
	if err == nil {
		capabilities, err = capabilitiesIn(answer)
	}
	return capabilities, b.unserved(ctx, "Singer", "singer --about --format json", err)
}

// capabilitiesIn returns the capabilities in the description of a tap.
func capabilitiesIn(answer []byte) ([]string, error) {
	var about struct {
		Capabilities []string                   `json:"capabilities"`
		Settings     map[string]json.RawMessage `json:"settings"`
	}
	if json.Unmarshal(answer, &about) == nil && about.Settings != nil {
		return about.Capabilities, nil
	}
	for line := range bytes.Lines(answer) {
		if json.Unmarshal(line, &about) == nil && about.Settings != nil {
			return nil, &reportedError{fmt.Sprintf("it printed more than the description of the tap: %.200q; a program must not write to standard output before it calls penstock.Main", answer)}
		}
	}
	return nil, fmt.Errorf("it printed %.200q, which does not describe a tap", answer)
}

// Spec returns the JSON Schema of the program's configuration.
func (b *Binary) Spec(ctx context.Context) ([]byte, error) {
	answer, err := b.run(ctx, `{"selection":{"action":"spec"}}`)
	var spec []byte
	if err == nil {
		spec, err = stdin.NewReader(bytes.NewReader(answer)).Answer(func(map[string]string) error { return nil })
	}
	if err != nil {
		return nil, fmt.Errorf("ask %s for its configuration: %w", b.ImportPath, err)
	}
	return spec, nil
}

// Schema returns the tables of the program. The secrets are the configuration, and may be
// nil. The function replaced is called with values of the configuration that the source has
// replaced.
func (b *Binary) Schema(ctx context.Context, secrets map[string]string, replaced func(map[string]string) error) ([]*schema.Table, error) {
	request, err := json.Marshal(map[string]any{"secrets": secrets, "selection": map[string]string{"action": "schema"}})
	if err != nil {
		return nil, fmt.Errorf("marshal the request: %w", err)
	}
	answer, runErr := b.run(ctx, string(request))
	// A program that fails says why in its answer, and may have replaced a secret before.
	text, err := stdin.NewReader(bytes.NewReader(answer)).Answer(replaced)
	if runErr != nil && !errors.As(err, new(*stdin.FailureError)) {
		err = runErr
	}
	var tables []*schema.Table
	if err == nil {
		tables, err = stdin.ParseSchema(text)
	}
	if err != nil {
		return nil, fmt.Errorf("ask %s for its schema: %w", b.ImportPath, err)
	}
	return tables, nil
}

// unserved returns an error that explains why the program does not serve a platform, or
// nil if err is nil.
func (b *Binary) unserved(ctx context.Context, platform, arguments string, err error) error {
	if err == nil || ctx.Err() != nil {
		return err
	}
	advice := "; its main function must call penstock.Main of an SDK that serves " + platform
	if errors.As(err, new(*reportedError)) {
		advice = "" // the program serves the platform and says what is wrong
	}
	return fmt.Errorf("%s does not serve %s: started with the arguments %q: %w%s", b.ImportPath, platform, arguments, err, advice)
}

// run starts the program and returns its standard output. If the program fails, run also
// returns an error that contains its own message.
func (b *Binary) run(ctx context.Context, request string, args ...string) ([]byte, error) {
	limited, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("no answer within %v", patience))
	defer cancel()
	cmd := exec.CommandContext(limited, b.Path, args...)
	cmd.Stdin = strings.NewReader(request)
	cmd.WaitDelay = time.Second // its children may hold the pipes open
	var out, errOut bounded
	cmd.Stdout, cmd.Stderr = &out, &errOut
	err := cmd.Run()
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case limited.Err() != nil:
		return nil, context.Cause(limited)
	case err != nil:
		return out.kept, fmt.Errorf("%w: %w", err, failure(out.kept, errOut.kept))
	}
	return out.kept, nil
}

// A reportedError is the failure of a program that does serve the platform. The advice to
// use an SDK that serves it would be wrong.
type reportedError struct{ message string }

func (e *reportedError) Error() string { return e.message }

// failure returns the error that a program reports: the message of a TRACE line on its
// standard output or, if there is none, the end of its standard error or else of its
// standard output.
func failure(out, errOut []byte) error {
	for line := range bytes.Lines(out) {
		var message struct {
			Trace struct {
				Error struct {
					Message string `json:"message"`
				} `json:"error"`
			} `json:"trace"`
		}
		if json.Unmarshal(line, &message) == nil && message.Trace.Error.Message != "" {
			return &reportedError{message.Trace.Error.Message}
		}
	}
	text := bytes.TrimSpace(errOut)
	if len(text) == 0 {
		text = bytes.TrimSpace(out)
	}
	if len(text) == 0 {
		return errors.New("it printed nothing")
	}
	lines := strings.Split(string(text), "\n")
	return errors.New(strings.Join(lines[max(0, len(lines)-3):], "\n"))
}

// A bounded keeps the beginning of what is written to it and discards the rest.
type bounded struct{ kept []byte }

func (b *bounded) Write(p []byte) (int, error) {
	const most = 16 << 20
	b.kept = append(b.kept, p[:min(len(p), most-len(b.kept))]...)
	return len(p), nil
}
