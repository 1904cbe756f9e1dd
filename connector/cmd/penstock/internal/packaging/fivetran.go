package packaging

import (
	"bytes"
	"context"
	_ "embed" // connector.py
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/penstock-sdk/penstock/internal/pasted"
	"github.com/penstock-sdk/penstock/internal/rawjson"
	"github.com/penstock-sdk/penstock/schema"
)

// A Fivetran describes the folder that fivetran deploy takes: a connector for Fivetran's
// Connector SDK, in Python, that runs a program.
type Fivetran struct {
	Program *Program
	Name    Name
	// Version is the version that the program prints. Optional; by default, the
	// program decides.
	Version string
	// Platforms lists the platforms that the folder has executables for. Required.
	Platforms []Platform
	// Decimal is the type of the DECIMAL columns whose own precision is not declared.
	// Optional; without it, such a column is an error.
	Decimal DecimalType
	// Secrets is the configuration with which the program is asked for its schema.
	// Optional; the default is none. The folder does not contain it.
	Secrets map[string]string
	// Replaced stores values of Secrets that the source replaces. The spec describes the
	// configuration. Optional; by default, such values are lost.
	Replaced func(spec []byte, secrets map[string]string) error
}

// connectorPy is the same for every connector.
//
//go:embed fivetran/connector.py
var connectorPy []byte

// FivetranConfiguration is the file of the folder that holds the user's configuration.
const FivetranConfiguration = "configuration.json"

// ParseFivetranPlatforms parses platforms that are separated by commas. One of them must
// be of Linux, which Fivetran runs. Those of macOS serve fivetran debug on a Mac.
func ParseFivetranPlatforms(text string) ([]Platform, error) {
	var platforms []Platform
	for one := range strings.SplitSeq(text, ",") {
		p, err := ParsePlatform(strings.TrimSpace(one))
		if err != nil {
			return nil, err
		}
		if !slices.Contains([]string{"linux", "darwin"}, p.OS) || !slices.Contains([]string{"amd64", "arm64"}, p.Arch) {
			return nil, fmt.Errorf("platform %s: a folder for Fivetran serves amd64 and arm64 of linux and darwin", pasted.Mask(p.String()))
		}
		if !slices.Contains(platforms, p) {
			platforms = append(platforms, p)
		}
	}
	if !slices.ContainsFunc(platforms, func(p Platform) bool { return p.OS == "linux" }) {
		return nil, fmt.Errorf("platforms %s: one of them must be of linux, which Fivetran runs", text)
	}
	return platforms, nil
}

// Folder compiles the program, asks it for its form and its tables, and returns the files.
// Progress, warnings and compile errors are printed to errOut.
func (f *Fivetran) Folder(ctx context.Context, errOut io.Writer) (_ Folder, err error) {
	b, err := newBuilds(f.Program, f.Name.ID, f.Version, errOut)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.remove()) }()
	native, err := b.binary(ctx)
	if err != nil {
		return nil, err
	}
	spec, err := native.Spec(ctx)
	if err != nil {
		return nil, err
	}
	tables, err := native.Schema(ctx, f.Secrets, func(secrets map[string]string) error {
		if f.Replaced == nil {
			return nil
		}
		return f.Replaced(spec, secrets)
	})
	if err != nil && f.Secrets == nil && ctx.Err() == nil {
		err = fmt.Errorf("%w; if the tables depend on the configuration, name a file with -configuration", err)
	}
	if err != nil {
		return nil, err
	}
	folder, err := f.texts(spec, tables)
	if err != nil {
		return nil, err
	}
	if rotating := rotatingFields(spec); len(rotating) > 0 {
		fmt.Fprintf(errOut, "Warning: the source replaces %s during a sync, and a Connector SDK connector cannot store the new value. See README.md.\n", strings.Join(rotating, ", "))
	}
	for _, platform := range f.Platforms {
		file, err := b.file(ctx, platform)
		if err != nil {
			return nil, err
		}
		folder[f.executable(platform)] = file
	}
	return folder, nil
}

// executable returns the path of an executable within the folder.
func (f *Fivetran) executable(p Platform) string {
	return "bin/" + f.Name.ID + "-" + p.OS + "-" + p.Arch
}

// rotatingFields returns the names of the fields that a source may replace.
func rotatingFields(spec []byte) (names []string) {
	fields, err := formFieldsOf(spec)
	if err != nil {
		return nil // texts reports it
	}
	for _, field := range fields {
		if field.rotates {
			names = append(names, field.Name)
		}
	}
	return names
}

// texts returns the files that are not executables.
func (f *Fivetran) texts(spec []byte, tables []*schema.Table) (Folder, error) {
	fields, err := formFieldsOf(spec)
	if err != nil {
		return nil, err
	}
	declared, guessed, err := f.tables(tables)
	if err != nil {
		return nil, err
	}
	contents, err := indented(struct {
		Name   string          `json:"name"`
		Fields []formField     `json:"fields"`
		Tables []packagedTable `json:"tables"`
	}{f.Name.ID, fields, declared})
	if err != nil {
		return nil, err
	}
	initial := make([]rawjson.Member, len(fields))
	for i, field := range fields {
		initial[i] = rawjson.Member{Name: field.Name, Value: rawjson.AppendString(nil, field.initial)}
	}
	configuration, err := indented(json.RawMessage(rawjson.Object(initial)))
	if err != nil {
		return nil, err
	}
	readme, err := render("fivetran.README.md", struct {
		Name        Name
		ImportPath  string
		Executables []string
		Fields      []formField
		Rotating    []string
		Guessed     []string
		Decimal     DecimalType
	}{f.Name, f.Program.ImportPath, f.executables(), fields, rotatingFields(spec), guessed, f.Decimal})
	return Folder{
		"connector.py":        {Content: connectorPy},
		"penstock.json":       {Content: contents},
		FivetranConfiguration: {Content: configuration, Private: true},
		"README.md":           readme,
		".gitignore":          text("# fivetran package leaves out what this file names, so bin/ must not be here.\n/configuration.json\n/crash-reports/\n/files/\n__pycache__/\n"),
	}, err
}

// executables returns the paths of the executables.
func (f *Fivetran) executables() []string {
	paths := make([]string, len(f.Platforms))
	for i, p := range f.Platforms {
		paths[i] = f.executable(p)
	}
	return paths
}

// indented returns a value as a file of JSON.
func indented(value any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(value)
	return b.Bytes(), err
}
