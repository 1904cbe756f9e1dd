package packaging

import "github.com/penstock-sdk/penstock/schema"

// Texts returns the files that are not executables.
func (a *Airbyte) Texts() (Folder, error) { return a.texts() }

// Texts returns the files that are not executables.
func (m *Meltano) Texts(spec []byte, capabilities []string) (Folder, error) {
	return m.texts(spec, capabilities)
}

// Texts returns the files that are not executables.
func (f *Fivetran) Texts(spec []byte, tables []*schema.Table) (Folder, error) {
	return f.texts(spec, tables)
}

// Quoted returns a YAML document that contains a text as the member "text".
func Quoted(text string) ([]byte, error) {
	return dump("A comment.\n", map[string]any{"text": quoted(text)})
}
