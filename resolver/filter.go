package resolver

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
)

// A filter says which entities of a page are answered. It is compiled once for a query, and reads the entities' own bytes.
//
// It means what the FilterExpression means that Amplify's resolvers make of the argument for DynamoDB:
//
//   - Several operators of a field must all hold, and several fields, and the members of an and. Of an or, one must.
//   - Values are compared with values of their own type: texts by their UTF-8 bytes, numbers by size with all their digits. With one of another type, and where the entity lacks the
//     field, nothing holds but ne, notContains and attributeExists: false.
//   - A stored null exists, and is of the type _null. "eq: null" finds it, "ne: null" all else. Other operators that are null are ignored.
//   - contains looks for a part of a text, or for an element of a list; size is a text's bytes, a list's elements, or an object's members.
//   - A catalog keeps sets as lists and binaries as texts: attributeType says list and string of them.
//   - What is empty asks for nothing and is left out: {}, "and: []", "or: []", "not: {}", "title: {}", and what of these has only such in it.
type filter struct {
	holds predicate
	// text is the argument in one form, for the tokens of its pages.
	text string
}

// predicate says whether an entity passes.
type predicate func(catalog.Entity) bool

// What a filter may be at most. DynamoDB's own bound is narrower: an expression of 4 KB. Read, a filter of empty objects takes forty times its bytes.
const (
	maxFilterBytes      = 1_000_000
	maxFilterDepth      = 32
	maxFilterConditions = 1000
)

// filter compiles the argument of this name; nil if it asks for nothing.
func (a arguments) filter(m *schema.Model) (*filter, error) {
	raw := a.values["filter"]
	if null(raw) {
		return nil, nil //nolint:nilnil // no filter is no fault
	}
	if len(raw) > maxFilterBytes {
		return nil, a.fail("filter: it has more than %d bytes", maxFilterBytes)
	}
	value, err := decodeValue(raw)
	if err != nil {
		return nil, failf(BadArgument, "%s: the argument filter cannot be read: %v", a.field, err)
	}
	c := &filterCompiler{arguments: a, model: m}
	holds, err := c.object(value, "filter", 0)
	if holds == nil || err != nil {
		return nil, err
	}
	text, err := filterText(value)
	return &filter{holds, text}, err
}

type filterCompiler struct {
	arguments
	model      *schema.Model
	conditions int
}

// object compiles fields, and, or and not. The predicate is nil if they ask for nothing.
func (c *filterCompiler) object(value any, path string, depth int) (predicate, error) {
	members, err := c.members(value, path)
	if err != nil {
		return nil, err
	}
	if depth > maxFilterDepth {
		return nil, c.fail("filter: and, or and not stand within each other more than %d deep", maxFilterDepth)
	}
	var parts []predicate
	for _, name := range slices.Sorted(maps.Keys(members)) { // in order, so that of two faults always the same is told
		part, err := c.member(name, members[name], path+"."+name, depth)
		if err != nil {
			return nil, err
		}
		if part != nil {
			parts = append(parts, part)
		}
	}
	return all(parts), nil
}

func (c *filterCompiler) member(name string, value any, path string, depth int) (predicate, error) {
	switch name {
	case "and":
		parts, err := c.list(value, path, depth)
		return all(parts), err
	case "or":
		parts, err := c.list(value, path, depth)
		return some(parts), err
	case "not":
		return c.inverse(value, path, depth)
	}
	return c.field(name, value, path)
}

func (c *filterCompiler) inverse(value any, path string, depth int) (predicate, error) {
	if value == nil {
		return nil, nil //nolint:nilnil // it asks for nothing
	}
	holds, err := c.object(value, path, depth+1)
	if holds == nil || err != nil {
		return nil, err
	}
	return func(e catalog.Entity) bool { return !holds(e) }, nil
}

// list compiles the members of an and or an or. One object stands for a list of it, as everywhere in GraphQL.
func (c *filterCompiler) list(value any, path string, depth int) ([]predicate, error) {
	members, ok := value.([]any)
	if !ok {
		members = []any{value}
	}
	var parts []predicate
	for i, member := range members {
		if member == nil {
			continue
		}
		part, err := c.object(member, fmt.Sprintf("%s[%d]", path, i), depth+1)
		if err != nil {
			return nil, err
		}
		if part != nil {
			parts = append(parts, part)
		}
	}
	return parts, nil
}

// field compiles the operators of a field.
func (c *filterCompiler) field(name string, value any, path string) (predicate, error) {
	f := served(&c.model.Object, name)
	if f == nil {
		return nil, c.fail("%s: the type %s has no field %s", path, c.model.Name, name)
	}
	if !c.caller.mayRead(f, &c.model.Access) {
		return nil, unauthorized(name, c.model.Name)
	}
	operators := operatorsOf(&f.Type)
	if operators == nil {
		return nil, c.fail("%s: no filter looks into a %s", path, f.Type.Name)
	}
	if value == nil {
		return nil, nil //nolint:nilnil // it asks for nothing
	}
	tests, err := c.tests(f.Type.String(), operators, value, path, func(name string, value any, path string) (test, error) {
		return c.test(&f.Type, name, value, path)
	})
	holds := all(tests)
	if holds == nil || err != nil {
		return nil, err
	}
	return func(e catalog.Entity) bool { return holds(e.Field(f)) }, nil
}

// tests compiles an object of operators, each by one: nil if it asks for nothing. of names what has them.
func (c *filterCompiler) tests(of string, operators []string, value any, path string, one func(name string, value any, path string) (test, error)) ([]test, error) {
	members, err := c.members(value, path)
	if err != nil {
		return nil, err
	}
	var tests []test
	for _, name := range slices.Sorted(maps.Keys(members)) {
		path := path + "." + name
		if !slices.Contains(operators, name) {
			return nil, c.fail("%s is no operator of %s: it has %s", path, of, strings.Join(operators, ", "))
		}
		if c.conditions++; c.conditions > maxFilterConditions {
			return nil, c.fail("filter: it has more than %d conditions", maxFilterConditions)
		}
		holds, err := one(name, members[name], path)
		if err != nil {
			return nil, err
		}
		if holds != nil {
			tests = append(tests, holds)
		}
	}
	return tests, nil
}

// all holds where each part does; it is nil without any.
func all[V any, F ~func(V) bool](parts []F) F {
	if len(parts) < 2 {
		return only(parts)
	}
	return func(v V) bool {
		for _, holds := range parts {
			if !holds(v) {
				return false
			}
		}
		return true
	}
}

// some holds where one of the parts does; it is nil without any.
func some(parts []predicate) predicate {
	if len(parts) < 2 {
		return only(parts)
	}
	return func(e catalog.Entity) bool {
		for _, holds := range parts {
			if holds(e) {
				return true
			}
		}
		return false
	}
}

func only[F any](parts []F) (one F) {
	if len(parts) > 0 {
		one = parts[0]
	}
	return one
}
