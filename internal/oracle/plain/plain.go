// Package plain evaluates filters on decoded entities: as the documents have them, with no thought of speed. Tests hold the resolver against it.
//
// Entities, filters and values are as encoding/json decodes them with numbers kept: nil, bool, json.Number, string, []any, map[string]any.
package plain
