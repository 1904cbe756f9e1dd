package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const isc = `Copyright (c) 2026, the authors

Permission to use, copy, modify, and/or distribute this software for any purpose with or
without fee is hereby granted, provided that the above copyright notice and this permission
notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS
SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL
THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY
DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF
CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE
OR PERFORMANCE OF THIS SOFTWARE.
`

const gpl = `This program is free software: you can redistribute it and/or modify it under the terms
of the GNU General Public License as published by the Free Software Foundation, either version
3 of the License, or (at your option) any later version.

This program is distributed in the hope that it will be useful, but WITHOUT ANY WARRANTY;
without even the implied warranty of MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE. See
the GNU General Public License for more details.

You should have received a copy of the GNU General Public License along with this program. If
not, see <https://www.gnu.org/licenses/>.
`

func TestOnlyAllowedLicensesPass(t *testing.T) {
	for name, test := range map[string]struct {
		files   map[string]string
		names   []string
		problem string // in the only problem; "" for none
	}{
		"an allowed license":            {map[string]string{"LICENSE": isc}, []string{"ISC"}, ""},
		"by another name":               {map[string]string{"COPYING.md": isc, "NOTICE": "by the authors"}, []string{"ISC"}, ""},
		"a license of a package":        {map[string]string{"LICENSE": isc, "third/party/LICENSE.txt": gpl}, []string{"GPL-3.0-or-later", "ISC"}, "GPL"},
		"a license that is not allowed": {map[string]string{"LICENCE": gpl}, []string{"GPL-3.0-or-later"}, "is not one of 0BSD"},
		"words of its own":              {map[string]string{"LICENSE": "Ask the author before you use this on a Sunday."}, nil, "no license that is recognized"},
		"one license and much else":     {map[string]string{"LICENSE": isc + strings.Repeat("No company with more than two employees may use it. ", 20)}, nil, "no license that is recognized"},
		"no license":                    {map[string]string{"license.go": "package license"}, nil, "no license"},
		"only a notice":                 {map[string]string{"NOTICE": isc}, nil, "no license"},
		"a license of a test":           {map[string]string{"LICENSE": isc, "testdata/LICENSE": gpl}, []string{"ISC"}, ""},
		"a license of another module":   {map[string]string{"LICENSE": isc, "other/LICENSE": gpl, "other/go.mod": "module other"}, []string{"ISC"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for file, text := range test.files {
				path := filepath.Join(dir, file)
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			names, problems, err := check(dir)
			if err != nil || !slices.Equal(names, test.names) {
				t.Errorf("got licenses %q and error %v, want %q", names, err, test.names)
			}
			if test.problem == "" && len(problems) > 0 || test.problem != "" && (len(problems) != 1 || !strings.Contains(problems[0], test.problem)) {
				t.Errorf("got problems %q, want %q", problems, test.problem)
			}
		})
	}
}

// The tests are a program that Go has built.
func TestTheModulesOfAProgramAreListed(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	modules, err := linked([]string{self, "example.com/named@v1.2.3"})
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, m := range modules {
		paths = append(paths, m.path)
	}
	if want := []string{"example.com/named", "github.com/google/licensecheck", "std"}; !slices.Equal(paths, want) {
		t.Errorf("got %q, want %q", paths, want)
	}
}

func TestAFileThatGoHasNotBuiltIsAnError(t *testing.T) {
	if _, err := linked([]string{"main.go"}); err == nil || !strings.Contains(err.Error(), "main.go is not a program built by Go") {
		t.Errorf("got error %v", err)
	}
}
