package host_test

import (
	"errors"
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

func TestTheErrorOfACommandLineContainsNoValue(t *testing.T) {
	const key = "sk_live_51Hq8ZkLmN0pQrStUvWxYz"
	for _, c := range []struct {
		args []string
		err  string
	}{
		{[]string{key, "again"}, `unexpected argument "again" after the command [not shown]`},
		{[]string{"read", key}, `unexpected argument [not shown] after the command "read"`},
		{[]string{"read", `{"api_key":"hunter2"}`}, `unexpected argument [not shown] after the command "read"`},
		{[]string{"--" + key}, "flag provided but not defined: -[not shown]"},
		{[]string{"--" + key + "=1"}, "flag provided but not defined: -[not shown]"},
		{[]string{"---" + key}, "bad flag syntax: [not shown]"},
		{[]string{"-v=hunter2"}, "invalid boolean value of flag -v: want true or false"},
		{[]string{"-v=" + key}, "invalid boolean value of flag -v: want true or false"},
		{[]string{"--for", "hunter2"}, "invalid value of flag -for: want a duration such as 30m or 1h30m"},
		{[]string{"read", "--for=hunter2"}, "invalid value of flag -for: want a duration such as 30m or 1h30m"},
		{[]string{"--n", "hunter2"}, "invalid value of flag -n: want a whole number"},
		{[]string{"--func", "hunter2"}, "invalid value of flag -func: want a value of another form"},
		{[]string{"--strict", "hunter2"}, "invalid value of flag -strict: want one of a, b"},
		{[]string{"--n"}, "flag needs an argument: -n"},
	} {
		set := host.NewFlagSet()
		set.Bool("v", false, "")
		set.Int("n", 0, "")
		set.Duration("for", 0, "")
		set.Func("func", "", func(text string) error { return errors.New(text + " is not valid") })
		set.Func("strict", "", func(string) error { return errors.New("want one of a, b") })
		_, err := host.ParseCommand(set, c.args)
		assert.EqualError(t, err, c.err, c.args)
	}
}
