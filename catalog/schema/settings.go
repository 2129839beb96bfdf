package schema

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// settings are what decides about an API but stands outside of Amplify's schema: in its feature flags and its project's parameters. The file says it by
//
//	extend schema @amplify(transformer: 1, dataStore: true, defaultAuth: userPools)
type settings struct {
	// first: the API is made by the first transformer (@key, @connection). Without a word it is where the file has one of its directives.
	first bool
	// dataStore: conflict resolution is on, so that records have _version, _deleted and _lastChangedAt.
	dataStore bool
	// defaultAuth is the API's default authorization, whose directive Amplify leaves out where it is the only one; 0 is unknown, and none is left out.
	defaultAuth Provider
	// The feature flags respectPrimaryKeyAttributesOnConnectionField, enableAutoIndexQueryNames and improvePluralization, each as what is no more usual in a new project.
	plainForeignKeys, noIndexQueries, plainPlurals bool
	// global is the rule in "input AMPLIFY", for the models without @auth.
	global *rule
	// ruled: somewhere in the file is an @auth.
	ruled bool
}

// readSettings reads "extend schema @amplify" and what the rest of the file says about Amplify.
func (l *loader) readSettings(document *ast.SchemaDocument) {
	l.settings.first = usesFirst(document)
	l.settings.plainPlurals = l.settings.first
	for _, extension := range document.SchemaExtension {
		d := extension.Directives.ForName("amplify")
		if d == nil || len(extension.Directives) > 1 || len(extension.OperationTypes) > 0 {
			l.report(extension.Position, "remove it; only \"extend schema @amplify(...)\" is known", "the file extends the schema definition")
			continue
		}
		for _, argument := range d.Arguments {
			l.readSetting(argument)
		}
	}
	document.SchemaExtension = nil
	for _, definition := range slices.Concat(document.Definitions, document.Extensions) {
		l.readGlobalRule(definition)
		l.settings.ruled = l.settings.ruled || definition.Directives.ForName("auth") != nil ||
			slices.ContainsFunc(definition.Fields, func(f *ast.FieldDefinition) bool { return f.Directives.ForName("auth") != nil })
	}
}

func (l *loader) readSetting(argument *ast.Argument) {
	value := argument.Value
	on := value.Raw == "true"
	if argument.Name != "transformer" && argument.Name != "defaultAuth" && value.Kind != ast.BooleanValue {
		l.report(argument.Position, "write true or false", "@amplify(%s:) is %s", argument.Name, value)
		return
	}
	switch s := &l.settings; argument.Name {
	case "transformer":
		if value.Raw != "1" && value.Raw != "2" {
			l.report(argument.Position, "write 1 or 2", "@amplify(transformer:) is %s", value)
		}
		s.first, s.plainPlurals = value.Raw == "1", value.Raw == "1"
	case "dataStore":
		s.dataStore = on
	case "defaultAuth":
		if s.defaultAuth = providers[value.Raw]; s.defaultAuth == 0 {
			l.report(argument.Position, "write apiKey, iam, userPools, oidc or function", "@amplify(defaultAuth:) is %s", value)
		}
	case "respectPrimaryKeyAttributesOnConnectionField":
		s.plainForeignKeys = !on
	case "enableAutoIndexQueryNames":
		s.noIndexQueries = !on
	case "improvePluralization":
		s.plainPlurals = !on
	default:
		l.report(argument.Position, "remove it", "@amplify has no argument %s", argument.Name)
	}
}

// usesFirst says whether a file has directives that only the first transformer knows.
func usesFirst(document *ast.SchemaDocument) bool {
	return slices.ContainsFunc(document.Definitions, func(definition *ast.Definition) bool {
		return definition.Directives.ForName("key") != nil || definition.Directives.ForName("versioned") != nil ||
			slices.ContainsFunc(definition.Fields, func(f *ast.FieldDefinition) bool { return f.Directives.ForName("connection") != nil })
	})
}

// readGlobalRule reads "input AMPLIFY { globalAuthRule: AuthRule = { allow: public } }".
func (l *loader) readGlobalRule(definition *ast.Definition) {
	if definition.Name != "AMPLIFY" || definition.Kind != ast.InputObject {
		return
	}
	for _, field := range definition.Fields {
		// Older projects say global_auth_rule.
		if (field.Name == "globalAuthRule" || field.Name == "global_auth_rule") && field.DefaultValue != nil {
			if r, ok := l.rule(field.DefaultValue); ok {
				l.settings.global = r
			}
		}
	}
}
