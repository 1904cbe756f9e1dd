package packaging_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/packaging"
)

func TestANameIsValidForEveryPlatform(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]packaging.Name{
		"restapi":                      {Display: "restapi", ID: "restapi"},
		"My Shop":                      {Display: "My Shop", ID: "my-shop"},
		"my_shop.v2":                   {Display: "my_shop.v2", ID: "my-shop-v2"},
		"3cx":                          {Display: "3cx", ID: "3cx"},
		"--a__b--":                     {Display: "--a__b--", ID: "a-b"},
		" source-shop ":                {Display: "shop", ID: "shop"},
		"tap-shop":                     {Display: "shop", ID: "shop"},
		"tapestry":                     {Display: "tapestry", ID: "tapestry"},
		"source":                       {Display: "source", ID: "source"},
		"Müller\n\"GmbH\": \U0001F600": {Display: "Müller \"GmbH\": \U0001F600", ID: "muller-gmbh"},
	} {
		got, err := packaging.NewName(text)
		require.NoError(t, err)
		assert.Equal(t, want, got)
		image, err := packaging.ParseImage("source-"+got.ID, "")
		require.NoError(t, err)
		assert.Equal(t, "source-"+want.ID+":dev", image.String())
	}
	for text, want := range map[string]string{
		"":                       `the name "" contains no letters or digits; set another with -name`,
		"\U0001F600":             "contains no letters or digits",
		"...":                    "contains no letters or digits",
		strings.Repeat("a", 101): "is longer than 100 characters",
	} {
		_, err := packaging.NewName(text)
		assert.ErrorContains(t, err, want)
	}
}

func TestTheNameOfAProgram(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"example.com/shop":       "shop",
		"example.com/shop/v2":    "shop",
		"example.com/shop/cmd/x": "x",
		"example.com/v2/shop":    "shop",
		"shop":                   "shop",
		"v2":                     "v2",
	} {
		assert.Equal(t, want, (&packaging.Program{ImportPath: path}).LastElement(), path)
	}
}

func TestParseImage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, version, repository, tag string }{
		{"source-shop", "", "source-shop", "dev"},
		{"source-shop", "1.2.3", "source-shop", "1.2.3"},
		{"source-shop:1", "", "source-shop", "1"},
		{"source-shop:1", "1", "source-shop", "1"},
		{"localhost:5000/team/source_shop", "", "localhost:5000/team/source_shop", "dev"},
		{"localhost:5000/a/b:2", "", "localhost:5000/a/b", "2"},
		{"Registry.example.com/a", "", "Registry.example.com/a", "dev"},
	} {
		got, err := packaging.ParseImage(test.text, test.version)
		require.NoError(t, err)
		assert.Equal(t, packaging.Image{Repository: test.repository, Tag: test.tag}, got)
	}
	for _, test := range []struct{ text, version, want string }{
		{"", "", `invalid image ""`},
		{"Shop", "", `invalid image "Shop": want a repository in lower case and a tag, such as example/source-shop:1.2.3`},
		{"a b", "", "invalid image"},
		{"a\"\nUSER root", "", "invalid image"},
		{"a/", "", "invalid image"},
		{"a@sha256:0123", "", "invalid image"},
		{"-a", "", "invalid image"},
		{"a:", "", `invalid image tag ""`},
		{"a:.1", "", `invalid image tag ".1"`},
		{"a:1\n", "", "invalid image tag"},
		{"a", "1.2.3+4", `invalid image tag "1.2.3+4": want at most 128 letters, digits and the characters _ . -, such as 1.2.3`},
		{"a:1", "2", "the image a:1 has the tag 1, but the version is 2: set only one of them"},
		{strings.Repeat("a", 256), "", "invalid image"},
	} {
		_, err := packaging.ParseImage(test.text, test.version)
		assert.ErrorContains(t, err, test.want)
	}
}

func TestCheckVersion(t *testing.T) {
	t.Parallel()
	for _, v := range []string{"1", "1.2.3", "v1.2.3-rc.1+build.5", "dev"} {
		assert.NoError(t, packaging.CheckVersion(v))
	}
	for _, v := range []string{"", "-s", "1 -X main.x=y", "1\n", "'1'", strings.Repeat("1", 129)} {
		assert.ErrorContains(t, packaging.CheckVersion(v), "invalid version")
	}
}

func TestADefinitionIDIsTheUUIDOfThePackage(t *testing.T) {
	t.Parallel()
	// Python: uuid.uuid5(uuid.NAMESPACE_URL, "https://example.com/shop")
	assert.Equal(t, "7c2aaca9-9c45-5e18-a37e-87896a66f029", packaging.DefinitionID("example.com/shop"))
	assert.NoError(t, packaging.CheckDefinitionID("7c2aaca9-9c45-5e18-a37e-87896a66f029"))
	for _, id := range []string{"", "x", "7c2aaca99c455e18a37e87896a66f029", "7c2aaca9-9c45-5e18-a37e-87896a66f02g"} {
		assert.ErrorContains(t, packaging.CheckDefinitionID(id), "invalid definition ID")
	}
}
