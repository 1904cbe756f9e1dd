package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// typedKeys are keys that a person may type or paste in place of an argument.
var typedKeys = []string{
	"sk_live_9aF3kQ7xZp2LmT8vRw4Y",
	"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
	"q8Zk3vT1xPw9+RbL2mN4/cYh7",
}

func TestAKeyOnTheCommandLineIsNotRepeated(t *testing.T) {
	t.Parallel()
	connector := newScripted(t, nil).path
	var lines []string
	for _, command := range []string{"sync", "watch", "query", "diff", "summary", "reset", "init", "package airbyte", "package meltano", "package fivetran"} {
		lines = append(lines, command+" KEY", command+" -KEY", command+" --KEY", command+" -KEY x", command+" -KEY=1", command+" -x=KEY", command+" -x KEY",
			command+" KEY KEY", command+" x KEY", command+" -- KEY", command+" -- x KEY", command+" -h KEY", "help "+command+" KEY")
	}
	for _, command := range []string{"sync", "watch", "query", "diff", "summary"} {
		lines = append(lines, command+" -files KEY", command+" -files=KEY", command+" -files KEY/x", command+" -files KEY -- x")
	}
	for _, flag := range []string{"configuration", "selection", "naming", "files"} {
		lines = append(lines, "sync -"+flag+" KEY -- x", "sync -"+flag+"=KEY -- x", "watch -"+flag+" KEY x")
		lines = append(lines, "sync -"+flag+" KEY -- CONNECTOR", "sync -json -"+flag+" KEY -- CONNECTOR")
		if flag != "files" { // which is created
			lines = append(lines, "sync -"+flag+" ./KEY -- CONNECTOR")
		}
	}
	for _, flag := range []string{"explain", "json", "v"} {
		lines = append(lines, "sync -"+flag+"=KEY -- x", "sync -"+flag+" KEY")
	}
	for _, command := range []string{"package airbyte", "package meltano", "package fivetran"} {
		for _, flag := range []string{"o", "name", "version", "force", "image", "platform", "definition-id", "subtype", "license", "documentation", "decimal", "configuration"} {
			lines = append(lines, command+" -"+flag+" KEY nowhere", command+" -"+flag+"=KEY nowhere", command+" -"+flag+" KEY")
		}
		lines = append(lines, command+" ./KEY", command+" x/KEY", command+" -platform KEY/KEY x", command+" -platform linux/amd64,KEY x", command+" -version 1 -image x:KEY x")
	}
	lines = append(lines,
		"KEY", "-KEY", "--KEY", "-KEY=1", "-- KEY", "x KEY", "x --token KEY", "x -KEY", "x --a=KEY", "x KEY=1", "./KEY", "KEY x",
		"help KEY", "help x KEY", "help KEY x", "-h KEY", "--help KEY", "help package KEY",
		"query -format KEY x", "query -format=KEY", `query select|*|from|"KEY"`, "query select|'KEY", "diff -format KEY", "diff -limit KEY", "diff -limit=KEY", "summary -json=KEY", "summary -json KEY",
		"package KEY", "package -KEY", "package KEY x", "package -o KEY airbyte x", "package help KEY",
		"init -module KEY", "init -sdk KEY shop", "init -sdk KEY KEY", "init ./KEY", "init x/KEY", "init -module KEY -sdk KEY x",
		"watch -source KEY -- x", "watch -source=KEY -- CONNECTOR", "watch -build KEY -- CONNECTOR", "watch -build=KEY -- CONNECTOR",
		"sync CONNECTOR KEY", "sync -- CONNECTOR KEY", "sync -- CONNECTOR --token=KEY",
	)
	for i, line := range lines {
		key := typedKeys[i%len(typedKeys)]
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, "")
			assertNotRepeated(t, b, line, key, connector)
			if strings.HasPrefix(line, "query ") || strings.HasPrefix(line, "diff ") { // they go further with a warehouse
				_, failed := b.penstock("sync", "--", connector)
				require.False(t, failed)
				_, failed = b.penstock("sync", "--", connector)
				require.False(t, failed)
				assertNotRepeated(t, b, line, key, connector)
			}
		})
	}
}

// assertNotRepeated runs a command line, in which | stands for a space within an argument,
// and checks that the output does not contain the key. It interrupts a watch that waits.
func assertNotRepeated(t *testing.T, b *bench, line, key, connector string) {
	t.Helper()
	args := strings.Fields(strings.NewReplacer("KEY", key, "CONNECTOR", connector).Replace(line))
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "|", " ")
	}
	path := filepath.Join(t.TempDir(), "output")
	file, err := os.Create(path)
	require.NoError(t, err)
	defer file.Close()
	output := func() string {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		return string(text)
	}
	cmd := b.command(args...)
	cmd.Stdout, cmd.Stderr = file, file
	require.NoError(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for running := true; running; {
		select {
		case <-ended:
			running = false
		case <-time.After(5 * time.Millisecond):
			if args[0] == "watch" && strings.Contains(output(), "waiting for changes") {
				_ = cmd.Process.Kill() // it may have exited
			}
		}
	}
	assert.NotContains(t, output(), key)
}

func TestAPasswordOnTheCommandLineIsNotRepeated(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"sync API_KEY=PASS ./c.sh", "sync -- API_KEY=PASS ./c.sh", "sync API_KEY=PASS|./c.sh", "sync -- env|API_KEY=PASS|./c.sh",
		"API_KEY=PASS ./c.sh", "API_KEY=PASS", "x TZ=UTC|API_KEY=PASS", "x u:PASS@h", "x --db=u:PASS@h", "sync db.password=PASS", "sync --api-key=PASS ./c.sh",
		"package airbyte -image u:PASS@reg/x .", "package airbyte -image=u:PASS@reg/x .", "package airbyte -image https://u:PASS@reg/x .",
		"package airbyte -documentation u:PASS@h .", "package airbyte u:PASS@h", "package u:PASS@h", "u:PASS@h", "sync u:PASS@h", "sync -configuration u:PASS@h -- sh", "sync -selection API_KEY=PASS -- sh",
		"sync -naming u:PASS@h -- sh", "query -files u:PASS@h", "query SELECT|u:PASS@h",
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			for _, password := range []string{"hunter2", `hun"ter2é`, "hun/ter2@x", "hun=ter2"} {
				b := newBench(t, "")
				args := strings.Fields(strings.ReplaceAll(line, "PASS", password))
				for i := range args {
					args[i] = strings.ReplaceAll(args[i], "|", " ")
				}
				out, err := combined(b.command(args...))
				require.Error(t, err)
				assert.NotContains(t, out, "ter2")
			}
		})
	}
}

func TestAKeyInPlaceOfADirectoryIsRefused(t *testing.T) {
	t.Parallel()
	connector := newScripted(t, nil).path
	for _, key := range typedKeys {
		for want, args := range map[string][]string{
			"the value of the flag -files looks like a key": {"sync", "-files", key, "--", connector},
			"the value of the flag -o looks like a key":     {"package", "airbyte", "-o", key, "."},
			"the argument looks like a key":                 {"init", key + "/shop"},
		} {
			b := newBench(t, "")
			before, err := os.ReadDir(b.dir)
			require.NoError(t, err)
			out, err := combined(b.command(args...))
			require.Error(t, err)
			assert.Contains(t, out, want)
			assert.NotContains(t, out, key)
			after, err := os.ReadDir(b.dir)
			require.NoError(t, err)
			assert.Len(t, after, len(before), "nothing is created")
		}
	}
	b := newBench(t, "")
	_, failed := b.penstock("sync", "-files", "./7f3a9c1e5b2d8046", "--", connector)
	assert.False(t, failed)
	assert.DirExists(t, filepath.Join(b.dir, "7f3a9c1e5b2d8046"))
}

func TestOtherArgumentsAreRepeated(t *testing.T) {
	t.Parallel()
	b := newBench(t, "")
	directory := filepath.Join(b.dir, "sk_live_9aF3kQ7xZp2LmT8vRw4Y")
	require.NoError(t, os.Mkdir(directory, 0o700))
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"dance"}, `unknown command "dance"`},
		{[]string{"diff", "-limit", "many"}, "invalid value of flag -limit: want a whole number; run penstock diff -h for its flags"},
		{[]string{"query", "-files", directory}, directory + string(filepath.Separator) + "warehouse.db"},
		{[]string{"sync", "--", "./source-orders-20240115"}, "./source-orders-20240115"},
		{[]string{"./shop", "--url=https://shop.example.com/v1", "-n", "5"}, "penstock sync -- ./shop --url=https://shop.example.com/v1 -n 5\n"},
		{[]string{"./shop", `{"api_key":"hunter2"}`, "--url=https://u:hunter2@shop.example.com/"}, "penstock sync -- ./shop … --url=…\n"},
		{[]string{"sync", "TZ=UTC"}, `"TZ=UTC"`},
		{[]string{"sync", "shop@1.2"}, `"shop@1.2"`},
		{[]string{"package", "airbyte", "-documentation", "ftp://docs.example.com/@acme", "."}, `"ftp://docs.example.com/@acme"`},
		{[]string{"package", "airbyte", "-image", "Shop:1.2@sha256:0123", "."}, `"Shop:1.2@sha256:0123"`},
		{[]string{"init", "f86d081884c7d659a2feaa0c55ad015a3bf4f1b"}, "the argument looks like a key; want the connector's name"},
	} {
		out, err := combined(b.command(test.args...))
		require.Error(t, err)
		assert.Contains(t, out, test.want)
	}
}

func TestRowsThatContainAnArgumentAreNotChanged(t *testing.T) {
	t.Parallel()
	b := newBench(t, "")
	id := typedKeys[0]
	_, failed := b.penstock("sync", "--", newScripted(t, map[string]string{
		"sync": `echo '{"type":"RECORD","record":{"s":{"t":{"id":1,"a":"` + id + `"}}}}'` + "\n" + `echo '{"type":"STATE","state":{}}'`,
	}).path)
	require.False(t, failed)
	assert.Equal(t, id, b.query("SELECT a FROM s.t WHERE a = '"+id+"'"))
	out, failed := b.penstock("query", "SELECT a FROM s.t WHERE a = '"+id+"'")
	require.False(t, failed)
	assert.Contains(t, out, id)
}
