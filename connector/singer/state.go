package singer

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"

	"github.com/penstock-sdk/penstock/internal/pasted"
	"github.com/penstock-sdk/penstock/internal/rawjson"
)

// The members of a state. Shared and late are members of common. Their values are
// replaced as a whole if a platform merges a new state into an old one.
const (
	bookmarksName = "bookmarks" // an object with a bookmark for each stream
	commonName    = "penstock"  // what belongs to no stream
	sharedName    = "_shared"   // the shared part of the state, as text
	lateName      = "_late"     // the streams that only the sync itself declares
)

// A savedState is a state that was passed to the tap.
type savedState struct {
	bookmarks []rawjson.Member
	shared    []byte   // a state that contains only the shared part, or nil
	late      []string // names of streams
	version   string   // of the bookmarks that have none, as JSON
}

// errState reports a state that cannot be used.
func errState(err error) error {
	return &connector.Error{
		Kind: connector.Configuration, Hint: "correct the state, or omit it to sync from the start",
		Err: fmt.Errorf("state: %w", err),
	}
}

// readState reads the file with the last state and joins its parts. It returns nil for
// a first sync. The bookmark of a stream that is loaded as a whole is dropped.
func (s *streams) readState(path string, run *host.Run) ([]byte, error) {
	if path == "" {
		return s.joinState(&savedState{}, run)
	}
	raw, err := host.ReadFile(path)
	switch {
	case err != nil:
		return nil, errState(err)
	case len(raw) == 0:
		run.Log().Warn("the file with the state is empty: syncing from the start", "file", path)
		return s.joinState(&savedState{}, run)
	case !rawjson.Value(raw).IsValid():
		return nil, errState(fmt.Errorf("file %s: not valid JSON", path))
	}
	saved, err := parseState(raw, run.Log())
	if err != nil {
		return nil, errState(err)
	}
	return s.joinState(saved, run)
}

// parseState decodes a state: the value of a STATE message, or the whole message.
func parseState(raw []byte, log *slog.Logger) (*savedState, error) {
	saved := &savedState{version: "0"}
	if rawjson.Value(raw).IsNull() {
		return saved, nil
	}
	all, err := unwrap(raw)
	if err != nil {
		return nil, err
	}
	known := false
	for _, m := range all {
		switch m.Name {
		case bookmarksName:
			known = true
			if m.Value.IsNull() {
				continue
			}
			if saved.bookmarks, err = rawjson.Members(m.Value); err != nil {
				return nil, fmt.Errorf("%s: %w", bookmarksName, err)
			}
		case commonName:
			if err := saved.parseCommon(m.Value); err != nil {
				return nil, fmt.Errorf("%s: %w", commonName, err)
			}
		}
	}
	if !known && len(all) > 0 {
		log.Warn("the state has no bookmarks: syncing from the start")
	}
	return saved, nil
}

// unwrap returns the members of a state. The state may be in a STATE message, or in
// the form in which Meltano prints it.
func unwrap(raw []byte) ([]rawjson.Member, error) {
	all, err := rawjson.Members(raw)
	if err != nil {
		return nil, err
	}
	for _, m := range all {
		isMessage := m.Name == "value" && slices.ContainsFunc(all, func(t rawjson.Member) bool { return t.Name == "type" && string(t.Value) == `"STATE"` })
		if !isMessage && m.Name != "singer_state" {
			continue
		}
		if m.Value.IsNull() {
			return nil, nil
		}
		if all, err = rawjson.Members(m.Value); err != nil {
			return nil, fmt.Errorf("%s: %w", m.Name, err)
		}
		break
	}
	return all, nil
}

// parseCommon decodes what belongs to no stream.
func (s *savedState) parseCommon(common rawjson.Value) error {
	if common.IsNull() {
		return nil
	}
	all, err := rawjson.Members(common)
	if err != nil {
		return err
	}
	for _, m := range all {
		if m.Name == versionName && !m.Value.IsNull() {
			s.version = string(m.Value)
		}
	}
	for _, m := range all {
		switch m.Name {
		case sharedName:
			if err := s.parseShared(m.Value); err != nil {
				return fmt.Errorf("%s: %w", sharedName, err)
			}
		case lateName:
			if json.Unmarshal(m.Value, &s.late) != nil {
				return fmt.Errorf("%s is not a list of streams", lateName)
			}
		}
	}
	return nil
}

// parseShared decodes the shared part. A person may have written it as an object.
func (s *savedState) parseShared(value rawjson.Value) error {
	switch {
	case value.IsNull():
		return nil
	case value.IsObject():
		if content, err := rawjson.Members(value); err != nil || len(content) == 0 {
			return err
		}
		s.shared = stateWith([]rawjson.Member{{Name: sharedName, Value: value}}, s.version)
		return nil
	case value.IsString():
		var text string
		if err := json.Unmarshal(value, &text); err != nil {
			return err
		}
		if !rawjson.Value(text).IsObject() || !rawjson.Value(text).IsValid() {
			return errors.New("its text is not a JSON object")
		}
		s.shared = []byte(text)
		return nil
	}
	return errors.New("it is neither an object nor text")
}

// joinState joins the parts of a saved state.
func (s *streams) joinState(saved *savedState, run *host.Run) ([]byte, error) {
	parts := [][]byte{saved.shared}
	for _, m := range saved.bookmarks {
		stream := s.byName[m.Name]
		if stream == nil && !slices.Contains(saved.late, m.Name) {
			run.Log().Warn("dropping the bookmark of a stream that the source does not have", "stream", pasted.Label(m.Name))
			continue
		}
		if stream != nil && stream.fullLoad.wanted {
			continue
		}
		part, stale, err := parseBookmark(m.Value, s.partName(stream, m.Name), saved.version)
		if err != nil {
			return nil, errState(fmt.Errorf("the bookmark of %s: %w", pasted.Label(m.Name), err))
		}
		if len(stale) > 0 {
			run.Log().Info("ignoring members of a bookmark that an older state has left", "stream", pasted.Label(m.Name), "members", shown(stale))
		}
		if stream == nil {
			s.expect(m.Name, part)
		} else {
			stream.saved = true
		}
		parts = append(parts, part)
	}
	joined, err := run.JoinState(parts...)
	if err != nil {
		return nil, err
	}
	s.planFullLoads(saved.shared, joined)
	return joined, nil
}

// shown returns names for people; see [pasted.Name].
func shown(names []string) []string {
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = pasted.Name(name)
	}
	return all
}

// expect records that a stream without a table has a part. The sync may declare the table.
func (s *streams) expect(name string, part []byte) {
	for _, m := range mustMembers(part) {
		if m.Name != versionName {
			s.expected[m.Name] = name
		}
	}
}

// partName returns the name of the part of a stream whose bookmark a person has
// written: the name of its table, with that of the schema if it is ambiguous.
func (s *streams) partName(stream *stream, name string) string {
	switch {
	case stream == nil:
		return name
	case s.schemaName == "":
		return stream.table.String()
	}
	return stream.table.Name
}

// namesOf returns the names that the part of a stream can have.
func namesOf(stream *stream) []string { return []string{stream.table.Name, stream.table.String()} }
