package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/packaging"
	"github.com/penstock-sdk/penstock/internal/pasted"
)

func packageFivetran(ctx context.Context, args []string, out, errOut *console) error {
	var f packaging.Fivetran
	o := newPackageOptions("fivetran", out)
	platforms := o.String("platform", "linux/amd64,linux/arm64", "the `platforms` that the folder has programs for, separated by commas; add darwin/arm64 to run fivetran debug on a Mac")
	decimal := o.String("decimal", "", "the `precision,scale` of the DECIMAL columns that declare none in the connector, such as 38,10")
	o.StringVar(&o.run.configurationPath, "configuration", "", "a configuration `file`, for a connector whose tables depend on its configuration: a JSON object of strings and objects, in which ${NAME} stands for an environment variable; it is not packaged")
	err := o.parse(ctx, args, errOut, func() (err error) {
		if *decimal != "" {
			if f.Decimal, err = packaging.ParseDecimalType(*decimal); err != nil {
				return err
			}
		}
		f.Platforms, err = packaging.ParseFivetranPlatforms(*platforms)
		return err
	})
	if err != nil {
		return err
	}
	f.Program, f.Name, f.Version = o.program, o.named, o.version
	folder, err := fivetranFolder(ctx, &f, &o.run, errOut)
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(o.dir, packaging.FivetranConfiguration)); err == nil {
		delete(folder, packaging.FivetranConfiguration) // it may hold the user's values
		fmt.Fprintf(errOut, "Keeping the existing %s.\n", packaging.FivetranConfiguration)
	}
	if err := folder.Write(o.dir, o.force); err != nil {
		return err
	}
	strays, err := folder.Strays(o.dir, "bin")
	if err != nil {
		return err
	}
	if len(strays) > 0 { // such as programs of another platform or name, from an earlier run
		fmt.Fprintf(errOut, "Warning: %s stays in %s although this run did not write it, and would be deployed: remove it.\n", strings.Join(strays, ", "), o.dir)
	}
	fmt.Fprintf(out, `Created %[1]s, a connector for Fivetran's Connector SDK that runs %[2]s.
This is experimental: nobody has deployed such a folder yet. To run it on Linux:

    cd %[3]s
    pip install 'fivetran-connector-sdk>=2.13,<3'
    fivetran debug --configuration configuration.json    # fill in the values first

See %[1]s/README.md for how to deploy it, and for what is not known.
`, o.dir, o.program.ImportPath, packaging.ShellWord(o.dir))
	return nil
}

// fivetranFolder returns the files. If the source replaces a value of the configuration, it
// stores the new one in the configuration file.
func fivetranFolder(ctx context.Context, f *packaging.Fivetran, r *run, errOut *console) (packaging.Folder, error) {
	if r.configurationPath == "" {
		return f.Folder(ctx, errOut)
	}
	secrets, text, err := readConfiguration(r.configurationPath)
	if err != nil {
		return nil, err
	}
	if text == nil {
		return nil, fmt.Errorf("the configuration file %s does not exist", pasted.File(r.configurationPath))
	}
	r.configured = text
	replacer := &replacer{run: r, connector: &connector{secrets: secrets}}
	f.Secrets = secrets
	f.Replaced = func(spec []byte, secrets map[string]string) error {
		if err := replacer.learn(spec); err != nil {
			return err
		}
		return replacer.replaced(secrets)
	}
	folder, err := f.Folder(ctx, errOut)
	for _, warning := range replacer.unread() {
		fmt.Fprintf(errOut, "Warning: %s.\n", warning)
	}
	return folder, err
}
