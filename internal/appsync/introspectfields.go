package appsync

import (
	"slices"

	"github.com/99designs/gqlgen/graphql/introspection"
)

// The fields of GraphQL's introspection schema, one function for each of its types. The validator lets no other names in.

func schemaField(of *introspection.Schema, name string) any {
	switch name {
	case "description":
		return of.Description()
	case "types":
		return pointers(of.Types())
	case "queryType":
		return of.QueryType()
	case "mutationType":
		return of.MutationType()
	case "subscriptionType":
		return of.SubscriptionType()
	case "directives":
		return pointers(of.Directives())
	}
	return nil
}

func typeField(of *introspection.Type, s *selection) any {
	switch s.field.Name {
	case "kind":
		return of.Kind()
	case "name":
		return of.Name()
	case "description":
		return of.Description()
	case "specifiedByURL":
		return of.SpecifiedByURL()
	case "ofType":
		return of.OfType()
	case "isOneOf":
		return of.IsOneOf()
	}
	return typeList(of, s)
}

// typeList is a list that only some kinds of types have: null for the others.
func typeList(of *introspection.Type, s *selection) any {
	having := func(kinds ...string) bool { return slices.Contains(kinds, of.Kind()) }
	switch name := s.field.Name; {
	case name == "fields" && having("OBJECT", "INTERFACE"):
		return pointers(of.Fields(s.includeDeprecated()))
	case name == "interfaces" && having("OBJECT", "INTERFACE"):
		return pointers(of.Interfaces())
	case name == "possibleTypes" && having("INTERFACE", "UNION"):
		return pointers(of.PossibleTypes())
	case name == "enumValues" && having("ENUM"):
		return pointers(of.EnumValues(s.includeDeprecated()))
	case name == "inputFields" && having("INPUT_OBJECT"):
		return pointers(of.InputFields())
	}
	return nil
}

func fieldField(of *introspection.Field, name string) any {
	switch name {
	case "name":
		return of.Name
	case "description":
		return of.Description()
	case "args":
		return pointers(of.Args)
	case "type":
		return of.Type
	case "isDeprecated":
		return of.IsDeprecated()
	case "deprecationReason":
		return of.DeprecationReason()
	}
	return nil
}

func inputValueField(of *introspection.InputValue, name string) any {
	switch name {
	case "name":
		return of.Name
	case "description":
		return of.Description()
	case "type":
		return of.Type
	case "defaultValue":
		return of.DefaultValue
	case "isDeprecated":
		return of.IsDeprecated()
	case "deprecationReason":
		return of.DeprecationReason()
	}
	return nil
}

func enumValueField(of *introspection.EnumValue, name string) any {
	switch name {
	case "name":
		return of.Name
	case "description":
		return of.Description()
	case "isDeprecated":
		return of.IsDeprecated()
	case "deprecationReason":
		return of.DeprecationReason()
	}
	return nil
}

func directiveField(of *introspection.Directive, name string) any {
	switch name {
	case "name":
		return of.Name
	case "description":
		return of.Description()
	case "isRepeatable":
		return of.IsRepeatable
	case "locations":
		list := make([]any, len(of.Locations))
		for i, location := range of.Locations {
			list[i] = location
		}
		return list
	case "args":
		return pointers(of.Args)
	}
	return nil
}
