package packaging_test

import (
	"bytes"
	"debug/elf"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/packaging"
)

var both = []packaging.Platform{{OS: "linux", Arch: "amd64"}, {OS: "linux", Arch: "arm64"}}

func everyFieldImage(t *testing.T) *packaging.Airbyte {
	t.Helper()
	image, err := packaging.ParseImage("registry.example.com:5000/team/source-every:1.2.3", "")
	require.NoError(t, err)
	return &packaging.Airbyte{Program: find(t, everyField), Name: named(t, "Every: \"Field\""), Image: image, Platforms: both, Subtype: "api"}
}

func TestTheFilesOfAnImage(t *testing.T) {
	t.Parallel()
	a := everyFieldImage(t)
	folder, err := a.Texts()
	require.NoError(t, err)
	golden(t, "airbyte", folder)
	again, err := a.Texts()
	require.NoError(t, err)
	assert.Equal(t, folder, again)
}

func TestAnImageOfOneArchitecture(t *testing.T) {
	t.Parallel()
	a := everyFieldImage(t)
	a.Platforms = both[1:]
	folder, err := a.Texts()
	require.NoError(t, err)
	readme := string(folder["README.md"].Content)
	assert.Contains(t, readme, "docker buildx build --platform linux/arm64 -t registry.example.com:5000/team/source-every:1.2.3 --push .")
	assert.NotContains(t, readme, "amd64")
}

func TestMetadataHasWhatTheRegistryRequires(t *testing.T) {
	t.Parallel()
	metadata := func(a *packaging.Airbyte) map[string]any {
		folder, err := a.Texts()
		require.NoError(t, err)
		var document struct {
			MetadataSpecVersion string         `yaml:"metadataSpecVersion"`
			Data                map[string]any `yaml:"data"`
		}
		require.NoError(t, yaml.Load(folder["metadata.yaml"].Content, &document, yaml.WithKnownFields()))
		assert.Equal(t, "1.0", document.MetadataSpecVersion)
		return document.Data
	}
	a := everyFieldImage(t)
	want := map[string]any{
		"name":             `Every: "Field"`,
		"definitionId":     packaging.DefinitionID(a.Program.ImportPath),
		"connectorType":    "source",
		"connectorSubtype": "api",
		"dockerRepository": "registry.example.com:5000/team/source-every",
		"dockerImageTag":   "1.2.3",
		"documentationUrl": "https://github.com/penstock-sdk/penstock/connector/cmd/penstock",
		"githubIssueLabel": "source-every-field",
		"license":          "NOASSERTION",
		"releaseStage":     "alpha",
		"supportLevel":     "community",
		"tags":             []any{"language:java"},
	}
	assert.Equal(t, want, metadata(a))

	a.Image.Tag, a.Subtype, a.License = "2", "database", "MIT OR Apache-2.0"
	a.DefinitionID, a.Documentation = "00000000-0000-4000-8000-00000000000a", "https://docs.example.com/#shop: 1"
	want["dockerImageTag"], want["connectorSubtype"], want["license"] = "2", a.Subtype, a.License
	want["definitionId"], want["documentationUrl"] = a.DefinitionID, a.Documentation
	assert.Equal(t, want, metadata(a))

	a.Documentation, a.Program = "", &packaging.Program{ImportPath: "shop", ModulePath: "shop"}
	assert.Equal(t, "https://example.com/source-every-field", metadata(a)["documentationUrl"])
}

// TestAnImageHoldsTheExecutables compiles for one architecture unless the flag -long is
// set.
func TestAnImageHoldsTheExecutables(t *testing.T) {
	t.Parallel()
	a := everyFieldImage(t)
	if !*long {
		a.Platforms = both[:1]
		if runtime.GOARCH == "arm64" {
			a.Platforms = both[1:]
		}
	}
	build := func() packaging.Folder {
		var errOut strings.Builder
		folder, err := a.Folder(t.Context(), &errOut)
		require.NoError(t, err, errOut.String())
		return folder
	}
	folder := build()
	for _, p := range a.Platforms {
		file := folder[p.String()+"/source-every-field"]
		assert.True(t, file.Executable)
		program, err := elf.NewFile(bytes.NewReader(file.Content))
		require.NoError(t, err)
		assert.Equal(t, map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}[p.Arch], program.Machine)
		libraries, err := program.ImportedLibraries()
		require.NoError(t, err)
		assert.Empty(t, libraries, "the executable must be static")
	}
	assert.Len(t, folder, 4+len(a.Platforms))
	// The same source yields the same bytes, although every build has its own directory.
	again := build()
	source, err := filepath.Abs(".")
	require.NoError(t, err)
	for name, file := range folder {
		assert.False(t, bytes.Contains(file.Content, []byte(source)), "%s contains a path of this machine", name)
		assert.True(t, bytes.Equal(file.Content, again[name].Content), "%s differs between two builds", name)
	}
}

func TestParseAirbytePlatforms(t *testing.T) {
	t.Parallel()
	got, err := packaging.ParseAirbytePlatforms("linux/amd64, linux/arm64,linux/amd64")
	require.NoError(t, err)
	assert.Equal(t, both, got)
	for text, want := range map[string]string{
		"":              `invalid platform "": want an operating system and an architecture, such as linux/amd64`,
		"linux":         `invalid platform "linux"`,
		"linux/arm/v7":  `invalid platform "linux/arm/v7"`,
		"windows/amd64": "platform windows/amd64: an image for Airbyte serves linux/amd64 or linux/arm64",
	} {
		_, err := packaging.ParseAirbytePlatforms(text)
		assert.ErrorContains(t, err, want)
	}
}
