package host_test

import (
	"flag"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/connector/host"
)

func TestACommandLineHasOneCommandAndPrintsNothing(t *testing.T) {
	for name, c := range map[string]struct {
		args    []string
		command string
		err     string
	}{
		"nothing":         {nil, "", ""},
		"flags alone":     {[]string{"-v"}, "", ""},
		"flags around":    {[]string{"-v", "read", "--to", "x"}, "read", ""},
		"two commands":    {[]string{"read", "-v", "again"}, "", `unexpected argument "again" after the command "read"`},
		"no name":         {[]string{""}, "", "the command is empty"},
		"an unknown flag": {[]string{"read", "--nope"}, "", "flag provided but not defined: -nope"},
		"help":            {[]string{"read", "--help"}, "", flag.ErrHelp.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			set := host.NewFlagSet()
			set.Bool("v", false, "")
			set.String("to", "", "")
			command, err := host.ParseCommand(set, c.args)
			assert.Equal(t, c.command, command)
			if c.err == "" {
				assert.NoError(t, err)
			} else {
				assert.EqualError(t, err, c.err)
			}
		})
	}
}
