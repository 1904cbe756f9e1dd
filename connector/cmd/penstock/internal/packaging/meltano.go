package packaging

import (
	"context"
	"errors"
	"io"
	"slices"

	"go.yaml.in/yaml/v4"
)

// A Meltano describes a Meltano project that runs a connector.
type Meltano struct {
	Program *Program
	Name    Name
	// Version is the version that the program prints. Optional; by default, the
	// program decides.
	Version string
	// Platform is the platform that runs the project. Required.
	Platform Platform
}

// Folder compiles the program, checks that it is a Singer tap, and returns the files of
// the project. Progress and compile errors are printed to errOut.
func (m *Meltano) Folder(ctx context.Context, errOut io.Writer) (_ Folder, err error) {
	b, err := newBuilds(m.Program, m.Name.tap(), m.Version, errOut)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.remove()) }()
	native, err := b.binary(ctx)
	if err != nil {
		return nil, err
	}
	capabilities, err := native.Capabilities(ctx)
	if err != nil {
		return nil, err
	}
	spec, err := native.Spec(ctx)
	if err != nil {
		return nil, err
	}
	folder, err := m.texts(spec, capabilities)
	if err != nil {
		return nil, err
	}
	folder[m.executable()], err = b.file(ctx, m.Platform)
	return folder, err
}

// executable returns the path of the executable within the project.
func (m *Meltano) executable() string { return "bin/" + m.Platform.executable(m.Name.tap()) }

// texts returns the files that are not executables.
func (m *Meltano) texts(spec []byte, capabilities []string) (Folder, error) {
	settings, err := settingsOf(spec)
	if err != nil {
		return nil, err
	}
	project, err := m.project(settings, capabilities)
	if err != nil {
		return nil, err
	}
	example := environmentExample(m.Name.tap(), settings)
	readme, err := render("meltano.README.md", struct {
		Name            Name
		Tap, Executable string
		ImportPath      string
		Platform        Platform
	}{m.Name, m.Name.tap(), m.executable(), m.Program.ImportPath, m.Platform})
	return Folder{
		"meltano.yml":  {Content: project},
		"README.md":    readme,
		".env.example": text(example),
		".gitignore":   text("/.env\n/.meltano/\n/bin/\n/output/\n"),
	}, err
}

// An extractor is the definition of an extractor in meltano.yml.
type extractor struct {
	Name         *yaml.Node     `yaml:"name"`
	Namespace    *yaml.Node     `yaml:"namespace"`
	Label        *yaml.Node     `yaml:"label"`
	Executable   *yaml.Node     `yaml:"executable"`
	Capabilities []*yaml.Node   `yaml:"capabilities"`
	Settings     []setting      `yaml:"settings,omitempty"`
	Validation   [][]*yaml.Node `yaml:"settings_group_validation,omitempty"`
}

// A loader is the definition of a loader in meltano.yml.
type loader struct {
	Name      string         `yaml:"name"`
	Namespace string         `yaml:"namespace"`
	PipURL    string         `yaml:"pip_url"`
	Settings  []setting      `yaml:"settings,omitempty"`
	Config    map[string]any `yaml:"config"`
}

const projectComment = `A Meltano project that runs the connector. penstock package wrote it for Meltano 4.
Values of required settings belong in the file .env. See README.md.
`

// project returns meltano.yml.
func (m *Meltano) project(settings []setting, capabilities []string) ([]byte, error) {
	type environment struct {
		Name string `yaml:"name"`
	}
	type plugins struct {
		Extractors []extractor `yaml:"extractors"`
		Loaders    []loader    `yaml:"loaders"`
	}
	return dump(projectComment, struct {
		DefaultEnvironment      string        `yaml:"default_environment"`
		SendAnonymousUsageStats bool          `yaml:"send_anonymous_usage_stats"`
		Environments            []environment `yaml:"environments"`
		Plugins                 plugins       `yaml:"plugins"`
	}{
		DefaultEnvironment: "dev", Environments: []environment{{"dev"}},
		Plugins: plugins{[]extractor{m.extractor(settings, capabilities)}, []loader{jsonlLoader()}},
	})
}

// extractor returns the definition of the connector.
func (m *Meltano) extractor(settings []setting, capabilities []string) extractor {
	e := extractor{
		Name: quoted(m.Name.tap()), Namespace: quoted(m.Name.namespace()), Label: quoted(m.Name.Display),
		// Meltano resolves a path with a slash from the project's directory.
		Executable: quoted("./" + m.executable()), Settings: settings,
	}
	basic := []string{"catalog", "discover", "state", "about"}
	for _, c := range slices.Concat(basic, capabilities) {
		if !slices.ContainsFunc(e.Capabilities, func(n *yaml.Node) bool { return n.Value == c }) {
			e.Capabilities = append(e.Capabilities, quoted(c))
		}
	}
	var required []*yaml.Node
	for _, s := range settings {
		if s.required {
			required = append(required, quoted(s.Name.Value))
		}
	}
	if required != nil {
		e.Validation = [][]*yaml.Node{required}
	}
	return e
}

// jsonlLoader returns the definition of a loader that writes a file for each table.
func jsonlLoader() loader {
	return loader{
		Name: "target-jsonl", Namespace: "target_jsonl", PipURL: "target-jsonl",
		Settings: []setting{
			{Name: quoted("destination_path"), Label: quoted("Destination path"), Kind: "string"},
			{Name: quoted("do_timestamp_file"), Label: quoted("Add a timestamp to the names of files"), Kind: "boolean"},
		},
		Config: map[string]any{"destination_path": "output", "do_timestamp_file": false},
	}
}
