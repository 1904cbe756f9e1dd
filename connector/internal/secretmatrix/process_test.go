package secretmatrix_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock"
	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/internal/secretspelling"
	"github.com/penstock-sdk/penstock/state"
)

func init() { programs = map[string]func(){"leaky": beLeaky} }

const (
	// kindVariable holds the index of the kind of secret of a program.
	kindVariable = "PENSTOCK_MATRIX_KIND"
	// shareVariable holds the remainder of the numbers of the echoes that a program
	// repeats.
	shareVariable = "PENSTOCK_MATRIX_SHARE"
	// shares is the number of programs that repeat all echoes.
	shares = 8
)

// beLeaky repeats the echoes of a kind of secret in everything that a process writes. The
// program has a default for the secret, which the help text must not show.
func beLeaky() {
	index, _ := strconv.Atoi(os.Getenv(kindVariable))
	share, _ := strconv.Atoi(os.Getenv(shareVariable))
	k := &secretspelling.Kinds()[index]
	var all []*echo
	for _, e := range echoesOf(k) {
		if e.number%shares == share {
			all = append(all, e)
		}
	}
	one := oneText(all)
	penstock.Main(&leaky{Key: connector.Secret(k.Value), Other: connector.Secret(k.Other), script: &script{
		test: func(context.Context, *leaky) error { return chained(one) },
		sync: func(ctx context.Context, _ *leaky, st state.State, out connector.Emitter) error {
			for _, e := range all {
				logEcho(connector.Logger(ctx), e)
				logEcho(slog.Default(), e)
				log.Print(e.text())
				if err := errors.Join(out.Warn(e.text()), deliverEcho(out, e)); err != nil {
					return err
				}
			}
			_ = connector.Go(ctx, func(context.Context) error { panic(joined(one)) })() // it is logged
			return chained(one)
		},
	}})
}

// commands lists command lines of a program. The word DIR stands for the directory of the
// files.
var commands = []struct{ line, stdin string }{
	{"shop", `{"secrets":CONFIG}`},
	{"shop", `{"secrets":CONFIG,"selection":{"action":"test"}}`},
	{"shop", `{"secrets":CONFIG,"selection":{"action":"spec"}}`},
	{"shop", `{"secrets":CONFIG,"selection":{"action":"schema"}}`},
	{"shop", `{"secrets":CONFIG,"selection":{"action":"dance"}}`},
	{"shop", `{"secrets":CONFIG`},
	{"shop", `{"secrets":{"size":CONFIG,"key":CONFIG}}`},
	{"shop --help", ""},
	{"shop sync --help", ""},
	{"shop sync --config DIR/config.json", ""},
	{"shop test --config DIR/config.json", ""},
	{"source-shop spec", ""},
	{"source-shop check --config DIR/config.json", ""},
	{"source-shop read --config DIR/config.json --catalog DIR/catalog.json --debug", ""},
	{"source-shop read --config DIR/catalog.json --catalog DIR/config.json", ""},
	{"source-shop --help", ""},
	{"tap-shop --config DIR/config.json", ""},
	{"tap-shop --config DIR/config.json --test", ""},
	{"tap-shop --config DIR/config.json --discover", ""},
	{"tap-shop --about", ""},
	{"tap-shop --about --format json", ""},
	{"tap-shop --config DIR/config.json --log-level debug --log-format text", ""},
	{"tap-shop --help", ""},
}

// TestNoSecretLeavesAProcess runs programs.
func TestNoSecretLeavesAProcess(t *testing.T) {
	var leaks tally
	t.Run("of", func(t *testing.T) {
		for i, k := range secretspelling.Kinds() {
			if !*long && i%8 != 0 {
				continue
			}
			t.Run(k.Name, func(t *testing.T) {
				t.Parallel()
				s := newSearch(&k, &leaks)
				dir := t.TempDir()
				require.NoError(t, os.WriteFile(filepath.Join(dir, "config.json"), configuration(&k), 0o600))
				require.NoError(t, os.WriteFile(filepath.Join(dir, "catalog.json"), []byte(catalog), 0o600))
				for n, c := range commands {
					if !*long && n%4 != i%4 {
						continue
					}
					line := strings.ReplaceAll(c.line, "DIR", dir)
					var out, errOut bytes.Buffer
					cmd := fixture.Program(t, "leaky", strings.Fields(line)...)
					cmd.Env = append(cmd.Env, fmt.Sprint(kindVariable, "=", i), fmt.Sprint(shareVariable, "=", (n+i)%shares), "PENSTOCK_LOG_LEVEL=debug")
					cmd.Stdin = strings.NewReader(strings.ReplaceAll(c.stdin, "CONFIG", string(configuration(&k))))
					cmd.Stdout, cmd.Stderr = &out, &errOut
					if err := cmd.Run(); err != nil {
						require.ErrorAs(t, err, new(*exec.ExitError))
					}
					require.NotEmpty(t, out.String()+errOut.String(), line)
					assert.NotContains(t, errOut.String(), "goroutine 1 [", "%s: the process has crashed", line)
					var outputs []output
					for where, text := range map[string]string{"stdout": out.String(), "stderr": errOut.String()} {
						for one := range strings.Lines(text) {
							outputs = append(outputs, output{where, one, isData(one)})
						}
					}
					s.search("process: "+c.line+" "+c.stdin, outputs)
				}
			})
		}
	})
	leaks.report(t)
}
