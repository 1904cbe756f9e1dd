package airbyte

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
)

// A configuredStream is a stream that the user has selected.
type configuredStream struct {
	descriptor descriptor
	columns    []string // sorted; nil selects all columns
	overwrites bool     // the destination replaces the rows of earlier syncs
}

// readCatalog reads a configured catalog from a file.
func readCatalog(path string) ([]configuredStream, error) {
	data, err := host.ReadFile(path)
	if err != nil {
		return nil, err
	}
	streams, err := parseCatalog(data)
	if err != nil {
		return nil, &connector.Error{Kind: connector.Configuration, Hint: "refresh the schema of the connection, or write the catalog from the answer to discover",
			Err: fmt.Errorf("file %s: the configured catalog: %w", path, err)}
	}
	return streams, nil
}

// parseCatalog decodes a configured catalog. It ignores unknown members. The sync
// modes have no effect on what is read: the state that the platform hands over decides
// where a stream begins.
func parseCatalog(data []byte) ([]configuredStream, error) {
	var all struct {
		Streams *[]struct {
			Stream struct {
				descriptor
				JSONSchema struct {
					Properties map[string]json.RawMessage `json:"properties"`
				} `json:"json_schema"`
			} `json:"stream"`
			DestinationMode any `json:"destination_sync_mode"`
		} `json:"streams"`
		Discovered json.RawMessage `json:"catalog"` // of a CATALOG message
	}
	if err := json.Unmarshal(data, &all); err != nil {
		if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			// The path contains the embedded descriptor, which is not a member.
			if field := strings.ReplaceAll(wrong.Field, ".descriptor", ""); field != "" {
				return nil, fmt.Errorf("the member %s has an unexpected type, %s", field, wrong.Value)
			}
			return nil, fmt.Errorf("it is of type %s; want an object with the member streams", wrong.Value)
		}
		return nil, errors.New("it is not valid JSON")
	}
	if all.Streams == nil && all.Discovered != nil {
		return nil, errors.New("it is the CATALOG message of discover; want {\"streams\":[…]} with an object such as {\"stream\":{\"name\":\"orders\",…},…} for each stream to read")
	}
	if all.Streams == nil {
		return nil, errors.New("it has no member streams")
	}
	var streams []configuredStream
	for i, s := range *all.Streams {
		if s.Stream.Name == "" {
			return nil, fmt.Errorf("stream %d has no stream.name; want an object such as {\"stream\":{\"name\":\"orders\",…},…}", i+1)
		}
		configured := configuredStream{descriptor: s.Stream.descriptor}
		configured.overwrites = s.DestinationMode == "overwrite" || s.DestinationMode == "overwrite_dedup"
		if len(s.Stream.JSONSchema.Properties) > 0 {
			configured.columns = slices.Sorted(maps.Keys(s.Stream.JSONSchema.Properties))
		}
		streams = append(streams, configured)
	}
	return streams, nil
}
