package schema

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// The root fields by which clients read a version as a whole: its manifest, and its chunks by their digests.
const (
	ManifestQuery = "catalogManifest"
	ChunksQuery   = "catalogChunks"
)

// bulkTypes are what those fields answer. Data is the stored bytes in base64.
const bulkTypes = `
"""
The current version: docs/format.md says how its data is read.
"""
type CatalogManifest {
  id: ID!
  data: String!
}

type CatalogChunk {
  id: ID!
  data: String!
}

"""
Chunks of the current version: as many as an answer holds, in the order asked for, and the ids of those that are left.
"""
type CatalogChunks {
  items: [CatalogChunk!]!
  left: [ID!]!
}
`

const bulkQueries = `  catalogManifest: CatalogManifest!
  catalogChunks(ids: [ID!]!): CatalogChunks!`

// Public says whether everyone may read all of the catalog, and AppSync guards nothing of it by a directive of its own. Only then is it read as a whole: there, nothing can be kept from anyone.
func (s *Schema) Public() bool { return s.Restricted() == "" && !s.guarded }

// guarded says whether a directive of AppSync stands at a type or a field, and no @serve that settles it.
func guarded(document *ast.SchemaDocument) bool {
	guards := func(directives ast.DirectiveList) bool {
		return !everyone(directives) && slices.ContainsFunc(directives, func(d *ast.Directive) bool { return strings.HasPrefix(d.Name, "aws_") })
	}
	for _, definition := range document.Definitions {
		if guards(definition.Directives) || !everyone(definition.Directives) && slices.ContainsFunc(definition.Fields, func(f *ast.FieldDefinition) bool { return guards(f.Directives) }) {
			return true
		}
	}
	return false
}

// Restricted is a type or field that only some may read, "" if there is none.
func (s *Schema) Restricted() string {
	objects := append([]*Object{}, s.Objects...)
	for _, m := range s.Models {
		if !m.Access.Everyone {
			return m.Name
		}
		objects = append(objects, &m.Object)
	}
	for _, o := range objects {
		for _, f := range o.Fields {
			if f.Access != nil && !f.Access.Everyone {
				return o.Name + "." + f.Name
			}
		}
	}
	return ""
}

// checkBulkNames refuses a schema that has these names for something else.
func (l *loader) checkBulkNames(document *ast.SchemaDocument) {
	for _, definition := range document.Definitions {
		switch definition.Name {
		case "CatalogManifest", "CatalogChunk", "CatalogChunks":
			l.report(definition.Position, "rename it", "the type %s has the name of one that every catalog serves", definition.Name)
		}
	}
	for _, name := range []string{ManifestQuery, ChunksQuery} {
		if q := l.schema.queries[name]; q != nil {
			l.report(nil, "set another queryField", "%s makes the query %s, which every catalog serves", q.Model.Name, name)
		}
	}
}
