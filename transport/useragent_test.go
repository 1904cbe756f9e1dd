package transport

import (
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestTheDefaultUserAgentNamesTheProgramAndTheLibrary(t *testing.T) {
	for want, info := range map[string]debug.BuildInfo{
		"shop/v1.2.0 penstock/v0.3.0": {Path: "example.com/connectors/shop", Main: debug.Module{Path: "example.com/connectors/shop", Version: "v1.2.0"},
			Deps: []*debug.Module{{Path: modulePath, Version: "v0.3.0"}}},
		"restapi/v0.3.0 penstock/v0.3.0": {Path: modulePath + "/examples/restapi", Main: debug.Module{Path: modulePath, Version: "v0.3.0"}},
		"penstock":                       {Main: debug.Module{Path: modulePath}},
		"shop penstock":                  {Path: "command-line-arguments", Main: debug.Module{Path: "example.com/shop"}},
	} {
		assert.Equal(t, want, userAgentOf(&info))
	}
	assert.Equal(t, "my-tool/devel", product("my tool", "(devel)"))
	assert.NotEmpty(t, defaultUserAgent())
}
