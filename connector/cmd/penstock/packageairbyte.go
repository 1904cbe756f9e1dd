package main

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/packaging"
	"github.com/penstock-sdk/penstock/internal/pasted"
)

func packageAirbyte(ctx context.Context, args []string, out, errOut *console) error {
	var a packaging.Airbyte
	o := newPackageOptions("airbyte", out)
	image := o.String("image", "", "the image's name, `REPOSITORY:TAG`; without a tag, the tag is the version, or dev if there is no version (default source-NAME)")
	platforms := o.String("platform", "linux/amd64,linux/arm64", "the `platforms` that the image serves, separated by commas")
	o.StringVar(&a.DefinitionID, "definition-id", "", "the `UUID` that identifies the connector in a registry; the default is derived from the package path, so that it stays the same")
	o.StringVar(&a.Subtype, "subtype", "api", "the `kind` of source: "+strings.Join(packaging.AirbyteSubtypes, ", "))
	o.StringVar(&a.License, "license", "", "the SPDX `identifier` of the connector's license, such as MIT")
	o.StringVar(&a.Documentation, "documentation", "", "the `URL` of the connector's documentation; the default is https:// and the module path")
	err := o.parse(ctx, args, errOut, func() (err error) {
		if a.Platforms, err = packaging.ParseAirbytePlatforms(*platforms); err != nil {
			return err
		}
		// The default repository is not known yet. Any repository is good for the check.
		if _, err := packaging.ParseImage(cmp.Or(*image, "source"), o.version); err != nil {
			return err
		}
		return checkMetadata(&a)
	})
	if err != nil {
		return err
	}
	a.Program, a.Name, a.Version = o.program, o.named, o.version
	if a.Image, err = packaging.ParseImage(cmp.Or(*image, "source-"+o.named.ID), o.version); err != nil {
		return &usageError{err}
	}
	if strings.HasSuffix(*image, ":"+a.Image.Tag) {
		a.Version = a.Image.Tag
	}
	folder, err := a.Folder(ctx, errOut)
	if err != nil {
		return err
	}
	if err := folder.Write(o.dir, o.force); err != nil {
		return err
	}
	fmt.Fprintf(out, `Created %[1]s, the files of an image of %[2]s for Airbyte. To build the image:

    docker build -t %[3]s %[4]s

See %[1]s/README.md for how to build it for several architectures and add it to Airbyte.
`, o.dir, o.program.ImportPath, a.Image, packaging.ShellWord(o.dir))
	return nil
}

// checkMetadata checks the flags whose values appear in metadata.yaml.
func checkMetadata(a *packaging.Airbyte) error {
	if a.DefinitionID != "" {
		if err := packaging.CheckDefinitionID(a.DefinitionID); err != nil {
			return err
		}
	}
	if !slices.Contains(packaging.AirbyteSubtypes, a.Subtype) {
		return fmt.Errorf("unknown subtype %s; want %s", pasted.Argument(a.Subtype), strings.Join(packaging.AirbyteSubtypes, ", "))
	}
	if u, err := url.Parse(a.Documentation); a.Documentation != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
		return fmt.Errorf("invalid documentation URL %q: want an address such as https://example.com/shop", pasted.Mask(a.Documentation))
	}
	return nil
}
