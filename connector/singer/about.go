package singer

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"strings"
	"text/tabwriter"

	"github.com/penstock-sdk/penstock/connector/host/config"
)

// capabilities lists what a tap can do, by the names that the Python SDK uses.
var capabilities = []string{"catalog", "state", "discover", "activate-version", "about"}

// about describes the tap and its settings, as JSON or as text.
func (s *server) about(format string) error {
	form, err := s.run.Form()
	if err != nil {
		return err
	}
	settings, err := form.Spec()
	if err != nil {
		return err
	}
	if format == formatText {
		return s.aboutText(form)
	}
	return s.lines.JSON(struct {
		Name         string          `json:"name"`
		Description  string          `json:"description"`
		Version      string          `json:"version"`
		SDKVersion   string          `json:"sdk_version"`
		Capabilities []string        `json:"capabilities"`
		Settings     json.RawMessage `json:"settings"`
	}{s.name, description(settings), s.version, moduleVersion(module), capabilities, settings})
}

// aboutText writes the description for people.
func (s *server) aboutText(form *config.Form) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "Name: %s\nVersion: %s\nSDK version: %s\nCapabilities: %s\nSettings:\n",
		s.name, s.version, moduleVersion(module), strings.Join(capabilities, ", "))
	tab := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for name, f := range form.Walk() {
		notes := f.Kind.String()
		if f.IsSecret() {
			notes = "secret"
		}
		if f.Required {
			notes += ", required"
		}
		fmt.Fprintf(tab, "  %s\t%s\n", name, notes)
	}
	_ = tab.Flush() // a Buffer accepts everything
	for line := range strings.Lines(b.String()) {
		if err := s.lines.Line(strings.TrimSuffix(line, "\n"), nil, ""); err != nil {
			return err
		}
	}
	return nil
}

// description returns the description or the title of a configuration, if the author
// has set one.
func description(settings []byte) string {
	var root struct{ Title, Description string }
	_ = json.Unmarshal(settings, &root) // both are optional
	return cmp.Or(root.Description, root.Title, "A Singer tap that is built with Penstock.")
}

// module is the path of the module of this package.
const module = "github.com/penstock-sdk/penstock"

// moduleVersion returns the version of a module from the build information, or that
// of the main module if the path is empty.
func moduleVersion(path string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "(unknown)"
	}
	modules := append([]*debug.Module{&info.Main}, info.Deps...)
	for _, m := range modules {
		if (path == "" || m.Path == path) && m.Version != "" {
			return m.Version
		}
		if path == "" {
			break
		}
	}
	return "(devel)"
}
