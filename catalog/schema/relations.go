package schema

import (
	"slices"
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"
)

// defaultLimit is how many entities a page has where neither the query nor the schema says.
const defaultLimit = 100

// defineRelations resolves the relations, and so the order of the sections. @belongsTo comes last: it may use the keys that others make.
func (l *loader) defineRelations(document *ast.SchemaDocument) {
	for _, last := range []bool{false, true} {
		l.models(document, func(m *Model, definition *ast.Definition) {
			for _, field := range definition.Fields {
				for _, d := range field.Directives {
					if slices.Contains(relationDirectives, d.Name) && (d.Name == "belongsTo") == last {
						l.defineRelation(m, m.Field(field.Name), d)
					}
				}
			}
		})
	}
}

func (l *loader) defineRelation(m *Model, f *Field, d *ast.Directive) {
	many := d.Name == "hasMany" || d.Name == "connection" && f.Type.Elem != nil
	target := l.schema.models[f.Type.Name]
	if listed := names(d, "fields"); given(d, "fields") && listed != nil && len(listed) == 0 {
		l.report(d.Position, "name the partition field first, then sort fields", "%s.%s names 0 fields for a key", m.Name, f.Name)
		return
	}
	switch {
	case many && f.Type.Elem == nil:
		l.report(d.Position, "write ["+target.Name+"], or use @hasOne", "%s.%s has @hasMany but is no list", m.Name, f.Name)
	case !many && f.Type.Elem != nil:
		l.report(d.Position, "write "+target.Name+" without brackets, or use @hasMany", "%s.%s is a list", m.Name, f.Name)
	case d.Name == "connection":
		l.defineConnection(m, f, d)
	case names(d, "references") != nil:
		l.defineByReferences(m, f, d)
	case many:
		l.defineHasMany(m, f, d)
	default:
		l.defineToOne(m, f, d)
	}
}

// defineHasMany reads an index of the target: one that is named, the one made of the keys that Amplify adds, or, with fields alone, the target's primary key.
func (l *loader) defineHasMany(m *Model, f *Field, d *ast.Directive) {
	target := l.schema.models[f.Type.Name]
	listed, name := names(d, "fields"), text(d, "indexName")
	var added []*Field
	if listed == nil {
		if added = l.addForeignKey(target, m, f, m.Key, f.Type.NonNull, d); added == nil {
			return
		}
	}
	asked := target.Key // whose sort key the API asks for
	ix := target.Key
	switch {
	case name != "":
		if ix = target.Index(name); ix == nil {
			l.report(d.Position, "declare @index(name: \""+name+"\") on the field of "+target.Name+" that holds the key of "+m.Name,
				"%s.%s reads the index %q, which %s does not have", m.Name, f.Name, name, target.Name)
			return
		}
		asked = ix
	case listed == nil:
		ix = &Index{Name: "gsi-" + m.Name + "." + f.Name, Partition: added[0], Sort: added[1:]}
		if l.settings.plainForeignKeys {
			ix.Sort = nil
		}
		l.addIndex(target, ix, d)
	case len(target.Key.Sort) == 0:
		l.report(d.Position, "add indexName, or use @hasOne", "%s.%s reads %s by its primary key, which has one entity at most", m.Name, f.Name, target.Name)
		return
	}
	f.Relation = &Relation{Kind: HasMany, Target: target, Index: ix, Limit: l.limit(d)}
	if listed == nil && name == "" {
		f.Relation.Fields = m.Key.Fields()[:len(ix.Fields())]
	} else {
		f.Relation.Fields = l.relationFields(m, f, ix, d)
	}
	if sort := sortArgument(target, asked); sort != nil && len(listed) < 2 {
		sort.Ignored = asked != ix || len(f.Relation.Fields) > 1
		f.Relation.Sort = sort
	}
	cluster(target, ix)
}

// cluster lets the entities of a model stand in the order of the first index that a relation reads.
func cluster(target *Model, ix *Index) {
	if target.Cluster == target.Key {
		target.Cluster = ix
	}
}

func (l *loader) limit(d *ast.Directive) int {
	argument := d.Arguments.ForName("limit")
	if argument == nil || argument.Value.Kind == ast.NullValue {
		return defaultLimit
	}
	n, err := strconv.ParseInt(argument.Value.Raw, 10, 32)
	if err != nil || n < 1 {
		l.report(argument.Position, "write a whole number of at least 1", "the limit is %s", argument.Value)
		return defaultLimit
	}
	return int(n)
}

// defineToOne reads the target by its primary key, whose parts are in fields of m: those that are named, or those that Amplify adds.
func (l *loader) defineToOne(m *Model, f *Field, d *ast.Directive) {
	target := l.schema.models[f.Type.Name]
	kind := HasOne
	var fields []*Field
	switch {
	case names(d, "fields") != nil:
		fields = l.relationFields(m, f, target.Key, d)
	case d.Name == "belongsTo":
		fields = l.counterpart(m, f, d)
	default:
		fields = l.addForeignKey(m, m, f, target.Key, f.Type.NonNull, d)
	}
	if fields == nil {
		return
	}
	if len(fields) < len(target.Key.Fields()) {
		l.report(d.Position, "name a field for each part of the primary key of "+target.Name,
			"%s.%s does not give the whole key of %s", m.Name, f.Name, target.Name)
	}
	if d.Name == "belongsTo" {
		kind = BelongsTo
	}
	f.Relation = &Relation{Kind: kind, Target: target, Index: target.Key, Fields: fields}
}

// counterpart are the keys of a @belongsTo without fields. They are those of the first @hasMany or @hasOne that leads back: the one made them here, of the other they are made now.
func (l *loader) counterpart(m *Model, f *Field, d *ast.Directive) []*Field {
	target := l.schema.models[f.Type.Name]
	for _, field := range l.document.Definitions.ForName(target.Name).Fields {
		if field.Type.Name() != m.Name {
			continue
		}
		if field.Directives.ForName("hasOne") != nil {
			return l.addForeignKey(m, m, f, target.Key, f.Type.NonNull, d)
		}
		many := field.Directives.ForName("hasMany")
		if many == nil {
			continue
		}
		if names(many, "fields") != nil || names(many, "references") != nil {
			l.report(d.Position, "add fields: [...] with the fields of "+m.Name+" that hold the key of "+target.Name, "%s.%s has no fields, and %s.%s makes none", m.Name, f.Name, target.Name,
				field.Name)
			return nil
		}
		return l.addForeignKey(m, target, target.Field(field.Name), target.Key, field.Type.NonNull, d)
	}
	l.report(d.Position, "add @hasMany or @hasOne to a field of "+target.Name+", or fields: [...] here", "%s.%s belongs to %s, which has no relation to %s", m.Name, f.Name, target.Name, m.Name)
	return nil
}

// addForeignKey adds to a model, unless they are there, the fields that hold a key for the relation owner.f, as Amplify names them: postCommentsId, and for a key of several parts
// projectTeamTeamId and projectTeamName.
func (l *loader) addForeignKey(to, owner *Model, f *Field, key *Index, nonNull bool, d *ast.Directive) []*Field {
	if owner.mapped {
		l.report(d.Position, "name the fields, and the index of a @hasMany, in the schema", "%s.%s makes keys, but @mapsTo gives them another name in the table", owner.Name, f.Name)
		return nil
	}
	fields := make([]*Field, len(key.Fields()))
	for i, part := range key.Fields() {
		name, partType := camelCase(owner.Name, f.Name, part.Name), part.Type
		if i == 0 && l.settings.plainForeignKeys {
			name, partType = camelCase(owner.Name, f.Name, "id"), Type{Name: "ID", Kind: String}
		}
		if l.withheld[to.Name+"."+name] {
			l.report(d.Position, "serve it", "%s.%s keeps its key in %s.%s, which is left out", owner.Name, f.Name, to.Name, name)
			return nil
		}
		if fields[i] = to.Field(name); fields[i] == nil {
			partType.NonNull = nonNull
			fields[i] = &Field{Name: name, Type: partType}
			to.add(fields[i])
		} else if !keyKind(fields[i].Type) || number(fields[i].Type.Kind) != number(part.Type.Kind) {
			l.report(d.Position, "rename the field, or give it the type "+part.Type.Name, "%s.%s keeps its key in %s.%s, which is of another type", owner.Name, f.Name, to.Name, name)
			return nil
		}
	}
	return fields
}

// relationFields are the fields that hold the key: those the directive names, else the model's own primary key.
func (l *loader) relationFields(m *Model, f *Field, ix *Index, d *ast.Directive) []*Field {
	parts := ix.Fields()
	listed := names(d, "fields")
	if listed == nil {
		for _, key := range m.Key.Fields() {
			listed = append(listed, key.Name)
		}
		listed = listed[:min(len(listed), len(parts))]
	}
	if len(listed) > len(parts) {
		l.report(d.Position, "name the partition field first, then sort fields", "%s.%s names %d fields for a key of %d",
			m.Name, f.Name, len(listed), len(parts))
		return nil
	}
	fields := make([]*Field, len(listed))
	for i, name := range listed {
		fields[i] = l.keyField(m, name, d)
		l.checkSameType(m, f, fields[i], parts[i], d)
	}
	return fields
}

// checkSameType holds the two sides of a relation against each other: Amplify wants the very same type.
func (l *loader) checkSameType(m *Model, f, have, want *Field, d *ast.Directive) {
	switch {
	case have.Type.Kind == 0: // a stand-in, reported already
	case number(have.Type.Kind) != number(want.Type.Kind):
		l.report(d.Position, "give both the same type", "%s.%s compares %s with %s.%s: one is a number, one is not", m.Name, f.Name, have.Name, f.Type.Name, want.Name)
	case have.Type.Name != want.Type.Name:
		l.report(d.Position, "give both the same type", "%s.%s compares %s with %s.%s: one is of type %s, one of type %s", m.Name, f.Name, have.Name, f.Type.Name, want.Name,
			have.Type.Name, want.Type.Name)
	}
}

func number(k Kind) bool { return k == Int || k == Long || k == Float }
