package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/penstock-sdk/penstock/internal/pasted"
)

func initCommand(ctx context.Context, args []string, out, errOut *console) error {
	o := newOptions("init", out)
	module := o.String("module", "", "the module `path`; the default is NAME")
	sdk := o.String("sdk", "", "the `directory` of a checkout of the SDK to build with, instead of the release that this program belongs to")
	if err := o.Parse(args); err != nil {
		return err
	}
	if o.NArg() != 1 || !projectName.MatchString(filepath.Base(o.Arg(0))) {
		return &usageError{errors.New("want the connector's name, which starts with a lower-case letter and has only lower-case letters, digits, - and _; for example: penstock init shop")}
	}
	dir := o.Arg(0)
	if pasted.LooksLikeKey(filepath.Base(dir)) {
		return &usageError{errors.New("the argument looks like a key; want the connector's name")}
	}
	if err := checkDirectory("the argument", dir); err != nil {
		return err
	}
	p := &project{dir: dir, name: filepath.Base(dir), module: *module, sdk: *sdk}
	if p.module == "" {
		p.module = p.name
	}
	if err := p.make(ctx, errOut); err != nil {
		return err
	}
	fmt.Fprintf(out, `Created %[1]s, a connector for the demo API. To run its tests:

    cd %[1]s
    go test ./...

To sync its tables, start the demo API in another terminal and run the connector:

    go run %[3]s/examples/restapi/demoapi -addr 127.0.0.1:8080
    go build -o %[2]s . && go tool penstock sync -- ./%[2]s

To run it on Airbyte or Meltano, write the files for the platform:

    go tool penstock package airbyte .
    go tool penstock package meltano .
%[4]s`, dir, p.name, sdkModule, p.versionNote())
	return nil
}
