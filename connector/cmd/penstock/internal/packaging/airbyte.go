package packaging

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/penstock-sdk/penstock/internal/pasted"
)

// An Airbyte describes the image of a connector for Airbyte.
type Airbyte struct {
	Program *Program
	Name    Name
	// Image is the name of the image. Optional; the default is source-ID:dev.
	Image Image
	// Version is the version that the program prints. Optional; by default, the
	// program decides.
	Version string
	// Platforms lists the platforms that the image serves. Required.
	Platforms []Platform
	// DefinitionID identifies the connector in a registry. Optional; the default is
	// the [DefinitionID] of the program's import path.
	DefinitionID string
	// Subtype is the kind of source, such as "api" or "database". Required.
	Subtype string
	// License is the SPDX identifier of the license. Optional.
	License string
	// Documentation is the address of the connector's documentation. Optional; the
	// default is derived from the path of the module.
	Documentation string
}

// AirbyteSubtypes lists the subtypes of sources that Airbyte's registry knows.
var AirbyteSubtypes = []string{"api", "database", "datalake", "file", "custom", "message_queue", "unknown", "vectorstore"}

// ParseAirbytePlatforms parses platforms that are separated by commas. An image can
// serve linux/amd64 and linux/arm64.
func ParseAirbytePlatforms(text string) ([]Platform, error) {
	var platforms []Platform
	for _, one := range strings.Split(text, ",") {
		p, err := ParsePlatform(strings.TrimSpace(one))
		if err != nil {
			return nil, err
		}
		if p != (Platform{"linux", "amd64"}) && p != (Platform{"linux", "arm64"}) {
			return nil, fmt.Errorf("platform %s: an image for Airbyte serves linux/amd64 or linux/arm64", pasted.Mask(p.String()))
		}
		if !slices.Contains(platforms, p) {
			platforms = append(platforms, p)
		}
	}
	return platforms, nil
}

// Folder compiles the program, checks that it answers Airbyte's command spec, and
// returns the files of the image. Progress and compile errors are printed to errOut.
func (a *Airbyte) Folder(ctx context.Context, errOut io.Writer) (_ Folder, err error) {
	b, err := newBuilds(a.Program, a.Name.source(), a.Version, errOut)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.remove()) }()
	native, err := b.binary(ctx)
	if err != nil {
		return nil, err
	}
	if err := native.CheckAirbyte(ctx); err != nil {
		return nil, err
	}
	folder, err := a.texts()
	if err != nil {
		return nil, err
	}
	for _, platform := range a.Platforms {
		file, err := b.file(ctx, platform)
		if err != nil {
			return nil, err
		}
		folder[platform.String()+"/"+a.Name.source()] = file
	}
	return folder, nil
}

// texts returns the files that are not executables.
func (a *Airbyte) texts() (Folder, error) {
	data := struct {
		Name       Name
		Source     string
		Image      Image
		ImportPath string
		Platforms  []Platform
	}{a.Name, a.Name.source(), a.Image, a.Program.ImportPath, a.Platforms}
	folder := Folder{".dockerignore": text("# The image consists of the executables alone.\n*\n!linux\n")}
	for name, from := range map[string]string{"Dockerfile": "airbyte.Dockerfile", "README.md": "airbyte.README.md"} {
		file, err := render(from, data)
		if err != nil {
			return nil, err
		}
		folder[name] = file
	}
	metadata, err := a.metadata()
	folder["metadata.yaml"] = File{Content: metadata}
	return folder, err
}

const metadataComment = `Metadata of the connector, for Airbyte's registry and its test tools. penstock package
wrote this file from Airbyte's documentation. The Airbyte CDK 7.39 can read it. It was
not submitted to a registry.
`

// metadata returns metadata.yaml.
func (a *Airbyte) metadata() ([]byte, error) {
	type data struct {
		Name             *yaml.Node   `yaml:"name"`
		DefinitionID     *yaml.Node   `yaml:"definitionId"`
		ConnectorType    string       `yaml:"connectorType"`
		ConnectorSubtype string       `yaml:"connectorSubtype"`
		DockerRepository *yaml.Node   `yaml:"dockerRepository"`
		DockerImageTag   *yaml.Node   `yaml:"dockerImageTag"`
		DocumentationURL *yaml.Node   `yaml:"documentationUrl"`
		GithubIssueLabel *yaml.Node   `yaml:"githubIssueLabel"`
		License          *yaml.Node   `yaml:"license"`
		ReleaseStage     string       `yaml:"releaseStage"`
		SupportLevel     string       `yaml:"supportLevel"`
		Tags             []*yaml.Node `yaml:"tags"`
	}
	id := a.DefinitionID
	if id == "" {
		id = DefinitionID(a.Program.ImportPath)
	}
	license := noted(quoted("NOASSERTION"), "SPDX for \"not stated\"; to state it, use -license")
	if a.License != "" {
		license = quoted(a.License)
	}
	return dump(metadataComment, struct {
		MetadataSpecVersion *yaml.Node `yaml:"metadataSpecVersion"`
		Data                data       `yaml:"data"`
	}{quoted("1.0"), data{
		Name: quoted(a.Name.Display), DefinitionID: quoted(id), ConnectorType: "source", ConnectorSubtype: a.Subtype,
		DockerRepository: quoted(a.Image.Repository), DockerImageTag: quoted(a.Image.Tag),
		DocumentationURL: a.documentationURL(), GithubIssueLabel: quoted(a.Name.source()), License: license,
		ReleaseStage: "alpha", SupportLevel: "community",
		Tags: []*yaml.Node{noted(quoted("language:java"), "the test suite of the CDK 7.39 does not know Go")},
	}})
}

// documentationURL returns the address of the documentation. Airbyte requires one.
func (a *Airbyte) documentationURL() *yaml.Node {
	if a.Documentation != "" {
		return quoted(a.Documentation)
	}
	if address, ok := a.Program.documentation(); ok {
		return quoted(address)
	}
	return noted(quoted("https://example.com/"+a.Name.source()), "a placeholder; to replace it, use -documentation")
}
