package schema

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// expand writes into the document what Amplify adds to it: the models that join two others, and the fields of a model that need no declaration. The keys that relations make are added
// later, by the relations.
func (l *loader) expand(document *ast.SchemaDocument) {
	l.addJoins(document)
	for _, definition := range document.Definitions {
		if model := definition.Directives.ForName("model"); model != nil && definition.Kind == ast.Object {
			l.addID(definition)
			l.addTimestamps(definition, model)
			l.addVersion(definition)
			l.addDataStoreFields(definition)
			l.addOwners(definition)
		}
	}
}

// addField adds a field unless there is one of that name, or one that is left out.
func (l *loader) addField(definition *ast.Definition, name, namedType string, nonNull bool) {
	if definition.Fields.ForName(name) == nil && !l.withheld[definition.Name+"."+name] {
		definition.Fields = append(definition.Fields, newField(definition.Position, name, &ast.Type{NamedType: namedType, NonNull: nonNull, Position: definition.Position}))
	}
}

func newField(at *ast.Position, name string, t *ast.Type, directives ...*ast.Directive) *ast.FieldDefinition {
	return &ast.FieldDefinition{Name: name, Type: t, Directives: directives, Position: at}
}

// addID adds the primary key to a model that declares none.
func (l *loader) addID(definition *ast.Definition) {
	if partition, _ := primaryKey(definition); partition == "id" {
		l.addField(definition, "id", "ID", true)
	}
}

// primaryKey is the names of a model's primary key: as declared for either transformer, or id.
func primaryKey(definition *ast.Definition) (partition string, sort []string) {
	for _, field := range definition.Fields {
		if d := field.Directives.ForName("primaryKey"); d != nil {
			return field.Name, names(d, "sortKeyFields")
		}
	}
	for _, d := range definition.Directives.ForNames("key") {
		if fields := names(d, "fields"); text(d, "name") == "" && len(fields) > 0 {
			return fields[0], fields[1:]
		}
	}
	return "id", nil
}

// addTimestamps adds createdAt and updatedAt, by the names that @model(timestamps:) gives. A model with @table gets them only if it says so: its records are not Amplify's, and have the
// fields that are declared.
func (l *loader) addTimestamps(definition *ast.Definition, model *ast.Directive) {
	argument := model.Arguments.ForName("timestamps")
	if argument == nil && definition.Directives.ForName("table") != nil || argument != nil && argument.Value.Kind == ast.NullValue {
		return
	}
	for _, name := range []string{"createdAt", "updatedAt"} {
		if argument != nil {
			switch value := member(argument.Value, name); {
			case value == nil:
			case value.Kind == ast.NullValue:
				continue
			default:
				name = value.Raw
			}
		}
		l.addField(definition, name, "AWSDateTime", true)
	}
}

// member is what an object's value has under a name, nil for nothing.
func member(value *ast.Value, name string) *ast.Value {
	for _, child := range value.Children {
		if child.Name == name {
			return child.Value
		}
	}
	return nil
}

// addVersion adds what the first transformer's @versioned adds.
func (l *loader) addVersion(definition *ast.Definition) {
	if d := definition.Directives.ForName("versioned"); d != nil {
		name := text(d, "versionField")
		if name == "" {
			name = "version"
		}
		l.addField(definition, name, "Int", true)
	}
}

// reserved are the names of fields that Amplify keeps for DataStore.
var reserved = []string{"_version", "_changedAt", "_deleted", "_lastChangedAt"}

func (l *loader) addDataStoreFields(definition *ast.Definition) {
	for _, field := range definition.Fields {
		if slices.Contains(reserved, field.Name) {
			l.report(field.Position, "remove it; if DataStore puts it into the records, say \"extend schema @amplify(dataStore: true)\"", "%s.%s has a name that Amplify reserves",
				definition.Name, field.Name)
		}
	}
	if l.settings.dataStore {
		l.addField(definition, "_version", "Int", true)
		l.addField(definition, "_deleted", "Boolean", false)
		l.addField(definition, "_lastChangedAt", "AWSTimestamp", true)
	}
}

// addOwners adds the fields by which rules know a record's owner. That the first transformer does so too is its default for new projects.
func (l *loader) addOwners(definition *ast.Definition) {
	for _, auth := range append(definition.Directives.ForNames("auth"), fieldAuths(definition)...) {
		for _, r := range l.rules(auth) {
			if r.allow == "owner" {
				l.addField(definition, r.ownerField, "String", false)
			}
		}
	}
}

func fieldAuths(definition *ast.Definition) []*ast.Directive {
	var list []*ast.Directive
	for _, field := range definition.Fields {
		list = append(list, field.Directives.ForNames("auth")...)
	}
	return list
}
