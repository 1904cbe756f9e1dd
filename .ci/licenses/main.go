// Licenses lists the modules that are linked into Go programs, with their licenses:
//
//	.ci/licenses/run [-texts] program...
//
// It reads the modules from the executables, so it lists what is shipped, not what go.mod
// mentions. Instead of a program, an argument can be a module, as path@version. It prints a line for each module: path, version, licenses. With -texts it
// prints the licenses and notices themselves, which most licenses ask for whenever a
// program is distributed.
//
// It exits with status 1 if a module has a license that is not one of those allowed
// below, or a file with a license that it does not recognize, or no license.
package main

import (
	"bytes"
	"context"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/google/licensecheck"
)

// allowed are the licenses that a module may have, by their SPDX identifiers. Each of
// them lets a program be distributed under any license, in exchange for its text.
var allowed = []string{"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0"}

// A module is one that is linked into a program.
type module struct{ path, version string }

func main() {
	texts := flag.Bool("texts", false, "print the texts of the licenses")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: .ci/licenses/run [-texts] program|module@version...\n\nLists the modules that are linked into Go programs, with their licenses.")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() == 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(context.Background(), flag.Args(), *texts); err != nil {
		fmt.Fprintln(os.Stderr, "licenses:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, programs []string, texts bool) error {
	modules, err := linked(programs)
	if err != nil {
		return err
	}
	var problems []string
	for _, m := range modules {
		dir, err := m.dir(ctx)
		if err != nil {
			return err
		}
		names, found, err := check(dir)
		if err != nil {
			return fmt.Errorf("read the licenses of %s: %w", m.path, err)
		}
		for _, problem := range found {
			problems = append(problems, m.path+" "+m.version+": "+problem)
		}
		if texts {
			err = printTexts(m, dir)
		} else {
			_, err = fmt.Fprintln(os.Stdout, m.path, m.version, strings.Join(names, ","))
		}
		if err != nil {
			return err
		}
	}
	if len(problems) > 0 {
		return errors.New(strings.Join(problems, "\n"))
	}
	return nil
}

// check returns the licenses in a module's directory, and the problems that forbid linking it.
func check(dir string) (names, problems []string, err error) {
	files, err := licenseFiles(dir)
	if err != nil {
		return nil, nil, err
	}
	for _, file := range files {
		if accompanies.MatchString(filepath.Base(file)) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			return nil, nil, err
		}
		found := recognize(text)
		if len(found) == 0 {
			problems = append(problems, file+" contains no license that is recognized")
		}
		names = append(names, found...)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) == 0 && len(problems) == 0 {
		problems = append(problems, "no license")
	}
	for _, name := range names {
		if !slices.Contains(allowed, name) {
			problems = append(problems, fmt.Sprintf("license %s is not one of %s", name, strings.Join(allowed, ", ")))
		}
	}
	return names, problems, nil
}

// printTexts prints the licenses of a module and what accompanies them.
func printTexts(m module, dir string) error {
	files, err := licenseFiles(dir)
	if err != nil {
		return err
	}
	for _, file := range files {
		text, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(os.Stdout, "%s %s: %s\n\n%s\n\n", m.path, m.version, file, bytes.TrimRight(text, "\n")); err != nil {
			return err
		}
	}
	return nil
}

// linked returns the modules of the programs and the standard library, sorted by path, and
// those that are named as path@version. The module of a program itself is included only if it belongs to this repository: its
// license is its author's decision.
func linked(programs []string) ([]module, error) {
	found := map[module]bool{}
	for _, program := range programs {
		if path, version, ok := strings.Cut(program, "@"); ok && !isFile(program) {
			found[module{path, version}] = true
			continue
		}
		info, err := buildinfo.ReadFile(program)
		if err != nil {
			return nil, fmt.Errorf("%s is not a program built by Go: %w", program, err)
		}
		found[module{"std", info.GoVersion}] = true
		if strings.HasPrefix(info.Main.Path+"/", repository+"/") {
			found[module{repository, "(devel)"}] = true
		}
		for _, dep := range info.Deps {
			if dep.Replace != nil {
				dep = dep.Replace
			}
			if strings.HasPrefix(dep.Path+"/", repository+"/") && dep.Version == "(devel)" {
				dep.Path = repository
			}
			found[module{dep.Path, dep.Version}] = true
		}
	}
	var sorted []module
	for m := range found {
		sorted = append(sorted, m)
	}
	slices.SortFunc(sorted, func(a, b module) int { return strings.Compare(a.path+" "+a.version, b.path+" "+b.version) })
	return sorted, nil
}

func isFile(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

const repository = "github.com/penstock-sdk/penstock"

// dir returns the directory with the module's files. It downloads the module if necessary.
func (m module) dir(ctx context.Context) (string, error) {
	switch {
	case m.path == "std":
		out, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
		if err != nil {
			return "", fmt.Errorf("go env GOROOT: %w", err)
		}
		return strings.TrimSpace(string(out)), nil
	case m.path == repository && m.version == "(devel)":
		return filepath.Abs("../..") // the root of this repository
	case filepath.IsAbs(m.path) || strings.HasPrefix(m.path, "."):
		return "", fmt.Errorf("%s replaces a module: build the program without replace directives that name a directory", m.path)
	}
	out, err := exec.CommandContext(ctx, "go", "mod", "download", "-json", m.path+"@"+m.version).Output()
	if err != nil {
		return "", fmt.Errorf("download %s@%s: %w: %s", m.path, m.version, err, out)
	}
	var downloaded struct{ Dir string }
	err = json.Unmarshal(out, &downloaded)
	return downloaded.Dir, err
}

var (
	// licenseName matches the names of files that contain a license or accompany one.
	licenseName = regexp.MustCompile(`(?i)^(un)?(licen[cs]e|copying|copyright|notice|patents)s?([-_.](?:[a-z0-9]+|md|txt))*$`)
	// accompanies matches the names of those that are not licenses.
	accompanies = regexp.MustCompile(`(?i)^(copyright|notice|patents)`)
)

// licenseFiles returns the files with licenses in a module, relative to its directory. The
// licenses of tests, and of modules in it, do not concern a program.
func licenseFiles(dir string) ([]string, error) {
	var found []string
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != ".":
			if name := entry.Name(); strings.HasPrefix(name, ".") || name == "testdata" || isModule(filepath.Join(dir, path)) {
				return fs.SkipDir
			}
		case entry.Type().IsRegular() && licenseName.MatchString(entry.Name()) && filepath.Ext(path) != ".go":
			found = append(found, path)
		}
		return nil
	})
	return found, err
}

func isModule(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

// recognize returns the licenses in a text, or nil if the text contains much else.
func recognize(text []byte) []string {
	coverage := licensecheck.Scan(text)
	if coverage.Percent < 75 {
		return nil
	}
	var names []string
	for _, match := range coverage.Match {
		if !match.IsURL {
			names = append(names, match.ID)
		}
	}
	return names
}
