package main

import (
	"context"
	"fmt"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/packaging"
)

func packageMeltano(ctx context.Context, args []string, out, errOut *console) error {
	var m packaging.Meltano
	o := newPackageOptions("meltano", out)
	platform := o.String("platform", packaging.Host().String(), "the `platform` that runs the project, such as linux/amd64")
	err := o.parse(ctx, args, errOut, func() (err error) {
		m.Platform, err = packaging.ParsePlatform(*platform)
		return err
	})
	if err != nil {
		return err
	}
	m.Program, m.Name, m.Version = o.program, o.named, o.version
	folder, err := m.Folder(ctx, errOut)
	if err != nil {
		return err
	}
	if err := folder.Write(o.dir, o.force); err != nil {
		return err
	}
	fmt.Fprintf(out, `Created %[1]s, a Meltano project that runs %[2]s. To run it:

    cd %[4]s
    cp .env.example .env    # and fill in the values
    meltano install
    meltano run tap-%[3]s target-jsonl

See %[1]s/README.md for more.
`, o.dir, o.program.ImportPath, o.named.ID, packaging.ShellWord(o.dir))
	return nil
}
