package main_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// goCommand replaces the go command with a script that lists one program and runs shell
// code to build it. $out is the executable to write.
func (b *bench) goCommand(build string) (env []string) {
	b.Helper()
	_ = tickets(b.T) // skips the test if there is no shell
	bin, temp := b.TempDir(), filepath.Join(b.dir, "temp")
	require.NoError(b, os.Mkdir(temp, 0o700))
	script := `#!/bin/sh
case $1 in
list) echo '{"ImportPath":"example.com/shop","Name":"main","Dir":"'"$PWD"'","Module":{"Path":"example.com/shop"}}' ;;
build) while [ "$1" != -o ]; do shift; done; out=$2; mkdir -p "$(dirname "$out")"
` + build + "\n;;\nesac\n"
	// A process that another test forks while the file is open for writing would hold it
	// open for a moment, and the system does not run such a file ("text file busy").
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	require.NoError(b, os.WriteFile(filepath.Join(bin, "go"), []byte(script), 0o700)) //nolint:gosec // it is a program
	return append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "TMPDIR="+temp)
}

func TestPackageMeltanoWritesAProject(t *testing.T) {
	t.Parallel()
	b := newBench(t, "")
	cmd := b.command("package", "meltano", "-name", "My Shop", ".")
	cmd.Env = b.goCommand(`printf '#!/bin/sh\ncase $1 in\nsinger) echo \047{"capabilities":["state"],"settings":{}}\047 ;;\n*) echo \047{"type":"object"}\047 ;;\nesac\n' >"$out"; chmod +x "$out"`)
	out, err := combined(cmd)
	require.NoError(t, err, out)
	assert.Contains(t, out, "Created my-shop-meltano, a Meltano project that runs example.com/shop.")
	assert.Contains(t, out, "\n    cd my-shop-meltano\n")
	assert.Contains(t, out, "Building example.com/shop for ")
	assert.Contains(t, out, "\n    cd my-shop-meltano\n")
	assert.Contains(t, out, "    meltano run tap-my-shop target-jsonl\n")
	for _, name := range []string{"meltano.yml", ".env.example", ".gitignore", "README.md", "bin/tap-my-shop"} {
		assert.FileExists(t, filepath.Join(b.dir, "my-shop-meltano", name))
	}
}

func TestPackageAirbyteWritesAnImage(t *testing.T) {
	t.Parallel()
	b := newBench(t, "")
	env := b.goCommand(`printf '#!/bin/sh\necho \047{"type":"SPEC","spec":{"connectionSpecification":{}}}\047\n' >"$out"; chmod +x "$out"`)
	run := func(args ...string) (string, error) {
		cmd := b.command(append([]string{"package", "airbyte", "-image", "team/shop", "-version", "1.2.3", "-o", "image"}, args...)...)
		cmd.Env = env
		return combined(cmd)
	}
	out, err := run(".")
	require.NoError(t, err, out)
	assert.Contains(t, out, "    docker build -t team/shop:1.2.3 image\n")
	for name, want := range map[string]string{
		"Dockerfile":              "\nLABEL io.airbyte.name=\"team/shop\"\nLABEL io.airbyte.version=\"1.2.3\"\n",
		"metadata.yaml":           "dockerRepository: \"team/shop\"\n  dockerImageTag: \"1.2.3\"\n",
		".dockerignore":           "*\n!linux\n",
		"README.md":               "docker buildx build --platform linux/amd64,linux/arm64 -t team/shop:1.2.3 --push .",
		"linux/amd64/source-shop": "SPEC",
		"linux/arm64/source-shop": "SPEC",
	} {
		text, err := os.ReadFile(filepath.Join(b.dir, "image", name))
		require.NoError(t, err)
		assert.Contains(t, string(text), want)
	}
	out, err = run(".")
	require.Error(t, err)
	assert.Equal(t, "penstock: image already exists; to replace the files that this command writes, use -force\n", out)
	out, err = run("-force", ".")
	require.NoError(t, err, out)
	out, err = run("-o", "an image's files", ".")
	require.NoError(t, err, out)
	assert.Contains(t, out, "    docker build -t team/shop:1.2.3 'an image'\\''s files'\n")
}

// hostedProgram is shell code that builds a program for package fivetran. Its schema needs
// a token, which each use replaces.
const hostedProgram = `cat >"$out" <<'END'
#!/bin/sh
read -r request
case $request in
*'"spec"'*) echo '{"type":"object","properties":{"token":{"type":"string","writeOnly":true,"x-rotates":true},"size":{"type":"integer","default":5}}}' ;;
*'"token":"t-first"'*) echo '{"type":"SECRETS","secrets":{"token":"t-second"}}'
	echo '{"schemas":{"shop":{"tables":{"orders":{"columns":{"id":{"type":"LONG","primary_key":true},"total":{"type":"DECIMAL"}}}}}}}' ;;
*) echo '{"type":"LOG","log":{"level":"SEVERE","message":"token: is required"}}'; exit 1 ;;
esac
END
chmod +x "$out"`

func TestPackageFivetranWritesAFolder(t *testing.T) {
	t.Parallel()
	b := newBench(t, "")
	env := b.goCommand(hostedProgram)
	run := func(args ...string) (string, error) {
		cmd := b.command(append([]string{"package", "fivetran", "-name", "My Shop"}, args...)...)
		cmd.Env = env
		return combined(cmd)
	}
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join(b.dir, name))
		require.NoError(t, err)
		return string(text)
	}
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(b.dir, name), []byte(text), 0o600))
	}

	out, err := run(".")
	require.Error(t, err)
	assert.Contains(t, out, "ask example.com/shop for its schema: token: is required; if the tables depend on the configuration, name a file with -configuration\n")
	out, err = run("-configuration", "config.json", ".")
	require.Error(t, err)
	assert.Contains(t, out, "penstock: the configuration file config.json does not exist\n")
	write("config.json", `{"token":"t-first"}`)
	out, err = run("-configuration", "config.json", ".")
	require.Error(t, err)
	assert.Contains(t, out, "DECIMAL columns without a precision: shop.orders.total;")
	assert.Contains(t, out, "-decimal 38,10\n")
	assert.NoDirExists(t, filepath.Join(b.dir, "my-shop-fivetran"))
	assert.JSONEq(t, `{"token":"t-second"}`, read("config.json"), "the value that the source replaced must be stored")

	write("config.json", `{"token":"t-first"}`)
	out, err = run("-configuration", "config.json", "-decimal", "12,2", ".")
	require.NoError(t, err, out)
	assert.Contains(t, out, "Created my-shop-fivetran, a connector for Fivetran's Connector SDK that runs example.com/shop.\nThis is experimental")
	assert.Contains(t, out, "Warning: the source replaces token during a sync")
	assert.NotContains(t, out, "although this run")
	assert.Contains(t, read("my-shop-fivetran/penstock.json"), `"precision": 12`)
	assert.JSONEq(t, `{"token":"","size":"5"}`, read("my-shop-fivetran/configuration.json"))
	if runtime.GOOS != "windows" {
		info, err := os.Stat(filepath.Join(b.dir, "my-shop-fivetran/configuration.json"))
		require.NoError(t, err)
		assert.Equal(t, os.FileMode(0o600), info.Mode(), "the user's secrets")
	}
	for _, name := range []string{"bin/my-shop-linux-amd64", "bin/my-shop-linux-arm64"} {
		assert.FileExists(t, filepath.Join(b.dir, "my-shop-fivetran", name))
	}
	for _, name := range []string{"connector.py", "penstock.json", "README.md", ".gitignore"} {
		assert.NotContains(t, read("my-shop-fivetran/"+name), "t-second", "%s contains a secret", name)
	}

	write("my-shop-fivetran/configuration.json", `{"token":"mine"}`)
	write("config.json", `{"token":"t-first"}`)
	out, err = run("-configuration", "config.json", "-decimal", "12,2", "-force", "-platform", "linux/amd64", ".")
	require.NoError(t, err, out)
	assert.Contains(t, out, "Keeping the existing configuration.json.\n")
	assert.Contains(t, out, "Warning: bin/my-shop-linux-arm64 stays in my-shop-fivetran although this run did not write it, and would be deployed: remove it.\n")
	assert.Equal(t, `{"token":"mine"}`, read("my-shop-fivetran/configuration.json"), "the user's configuration")
}

func TestAnInterruptedPackageLeavesNothing(t *testing.T) {
	t.Parallel()
	for _, target := range []string{"airbyte", "meltano", "fivetran"} {
		for name, build := range map[string]string{
			"build":   `echo yes >%s && exec sleep 60`,
			"program": `printf '#!/bin/sh\necho yes >%s && exec sleep 60\n' >"$out"; chmod +x "$out"`,
		} {
			t.Run(target+" "+name, func(t *testing.T) {
				t.Parallel()
				b := newBench(t, "")
				started := filepath.Join(t.TempDir(), "started")
				cmd := b.command("package", target, "-o", "made", ".")
				cmd.Env = b.goCommand(fmt.Sprintf(build, started))
				var out output
				cmd.Stdout, cmd.Stderr = &out, &out
				require.NoError(t, cmd.Start())
				require.Eventually(t, func() bool { _, err := os.Stat(started); return err == nil }, time.Minute, time.Millisecond)
				require.NoError(t, cmd.Process.Signal(os.Interrupt))
				require.Error(t, cmd.Wait())
				assert.Equal(t, 1, cmd.ProcessState.ExitCode(), out.String())
				assert.True(t, strings.HasSuffix(out.String(), "interrupted\n"), out.String())
				assert.NoDirExists(t, filepath.Join(b.dir, "made"))
				left, err := os.ReadDir(filepath.Join(b.dir, "temp"))
				require.NoError(t, err)
				assert.Empty(t, left)
			})
		}
	}
}
