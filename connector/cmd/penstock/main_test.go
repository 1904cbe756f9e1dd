package main_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAUsageErrorHasExitStatus2(t *testing.T) {
	b := newBench(t, "")
	for _, test := range []struct {
		args   []string
		status int
		want   string
	}{
		{nil, 2, "penstock sync [flags] -- COMMAND"},
		{[]string{"help"}, 0, "penstock sync [flags] -- COMMAND"},
		{[]string{"dance"}, 2, `unknown command "dance"; to run a connector: penstock sync -- dance`},
		{[]string{"./restapi", "-x"}, 2, `unknown command "./restapi"; to run a connector: penstock sync -- ./restapi -x`},
		{[]string{"--", "./restapi"}, 2, "missing command; to run a connector: penstock sync -- ./restapi\n"},
		{[]string{"-explain", "--", "x"}, 2, "missing command; to run a connector: penstock sync -explain -- x"},
		{[]string{"sync", "-dance", "--", "x"}, 2, "flag provided but not defined: -dance; run penstock sync -h for its flags"},
		{[]string{"sync", "--"}, 2, "missing connector; for example: penstock sync -- ./restapi"},
		{[]string{"watch"}, 2, "missing connector; for example: penstock watch -- ./restapi"},
		{[]string{"sync", "-naming", "mine", "--", "x"}, 2, `unknown naming "mine"; want source or platform`},
		{[]string{"query", "a", "b"}, 2, "want one SQL statement in quotes, got 2 arguments"},
		{[]string{"query", "-h"}, 0, "the directory that holds warehouse.db and state.json"},
		{[]string{"reset", "now"}, 2, `unexpected argument "now"; run penstock reset -h for usage`},
		{[]string{"help", "dance"}, 2, `unknown command "dance"; run penstock help for a list`},
		{[]string{"init"}, 2, "want the connector's name"},
		{[]string{"init", "Not A Name"}, 2, "want the connector's name"},
		{[]string{"package"}, 2, "missing target; want airbyte, meltano or fivetran"},
		{[]string{"package", "snowflake"}, 2, `unknown target "snowflake"; want airbyte, meltano or fivetran`},
		{[]string{"package", "-o", "x", "airbyte", "."}, 2, "the target precedes its flags; want airbyte, meltano or fivetran, as in penstock package airbyte -o x airbyte ."},
		{[]string{"package", "airbyte"}, 2, "want one Go package after the flags, got 0 arguments; for example: penstock package airbyte ./restapi"},
		{[]string{"package", "meltano", ".", "-o", "x"}, 2, "want one Go package after the flags, got 3 arguments"},
		{[]string{"package", "airbyte", "-dance", "."}, 2, "run penstock package airbyte -h for its flags"},
		{[]string{"package", "airbyte", "-version", "1 2", "."}, 2, `invalid version "1 2"`},
		{[]string{"package", "airbyte", "-image", "Shop", "."}, 2, `invalid image "Shop"`},
		{[]string{"package", "airbyte", "-version", "1+2", "."}, 2, `invalid image tag "1+2"`},
		{[]string{"package", "airbyte", "-platform", "linux/386", "."}, 2, "platform linux/386: an image for Airbyte serves linux/amd64 or linux/arm64"},
		{[]string{"package", "airbyte", "-subtype", "x", "."}, 2, `unknown subtype "x"; want api, `},
		{[]string{"package", "airbyte", "-definition-id", "x", "."}, 2, `invalid definition ID "x"`},
		{[]string{"package", "airbyte", "-documentation", "docs", "."}, 2, `invalid documentation URL "docs"`},
		{[]string{"package", "meltano", "-platform", "x", "."}, 2, `invalid platform "x"`},
		{[]string{"help", "package", "snowflake"}, 2, `unknown target "snowflake"`},
		{[]string{"sync", "--", "./nowhere"}, 1, "cannot start the connector"},
		{[]string{"summary"}, 1, "there is no warehouse yet"},
	} {
		cmd := b.command(test.args...)
		out, _ := combined(cmd)
		assert.Equal(t, test.status, cmd.ProcessState.ExitCode(), "%v: %s", test.args, out)
		assert.Contains(t, out, test.want)
	}
}

func TestHelpIsPrintedToStandardOutput(t *testing.T) {
	b := newBench(t, "")
	help := func(args ...string) string {
		t.Helper()
		var out, errOut output
		cmd := b.command(args...)
		cmd.Stdout, cmd.Stderr = &out, &errOut
		require.NoError(t, cmd.Run(), "%v", args)
		assert.Empty(t, errOut.String(), "%v", args)
		return out.String()
	}
	overview := help("help")
	assert.Contains(t, overview, "penstock sync -- ./restapi\n")
	assert.Equal(t, overview, help("-h"))
	assert.Equal(t, overview, help("--help"))
	for _, name := range []string{"sync", "watch", "query", "diff", "summary", "reset", "init", "package airbyte", "package meltano", "package fivetran"} {
		assert.Contains(t, overview, "    penstock "+name+" [flags]")
		command := strings.Fields(name)
		own := help(append(command, "-h")...)
		assert.Regexp(t, `^Usage: penstock `+name+` \[flags\].*\n\n[A-Z].*\.\n\nFlags:\n  -`, own)
		assert.Equal(t, own, help(append([]string{"help"}, command...)...))
		assert.Equal(t, own, help(append(command, "--help")...))
	}
	assert.Equal(t, help("package", "airbyte", "-h")+"\n"+help("package", "meltano", "-h")+"\n"+help("package", "fivetran", "-h"), help("help", "package"))
	assert.Equal(t, help("help", "package"), help("package", "--help"))
	assert.Contains(t, help("sync", "-h"), "-selection file")
	assert.Contains(t, help("sync", "-h"), `(default "configuration.json")`)
}
