package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

func initCommand(ctx context.Context, args []string, out, errOut *os.File) error {
	o := newOptions("init", out)
	module := o.String("module", "", "the `path` of the new module; the default is NAME")
	sdk := o.String("sdk", "", "a `directory` with a checkout of the SDK, to build with it instead of the release that this program is from")
	if err := o.Parse(args); err != nil {
		return err
	}
	if o.NArg() != 1 || !projectName.MatchString(filepath.Base(o.Arg(0))) {
		return &usageError{errors.New("want the name of the connector, of lower case letters, digits, - and _: penstock init shop")}
	}
	dir := o.Arg(0)
	p := &project{dir: dir, name: filepath.Base(dir), module: *module, sdk: *sdk}
	if p.module == "" {
		p.module = p.name
	}
	if err := p.make(ctx, errOut); err != nil {
		return err
	}
	fmt.Fprintf(out, `%[1]s is a connector for the demo API. Its tests pass:

    cd %[1]s
    go test ./...

To see its tables, start the demo API in another window, and then the connector:

    go run %[3]s/examples/restapi/demoapi -addr 127.0.0.1:8080
    go build -o %[2]s . && go tool penstock sync -- ./%[2]s
%[4]s`, dir, p.name, sdkModule, p.versionNote())
	return nil
}
