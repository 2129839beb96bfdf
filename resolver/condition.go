package resolver

import (
	"maps"
	"slices"
	"strings"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
)

// keyOperators are those of Amplify's key conditions.
var keyOperators = map[string]catalog.Operator{
	"eq": catalog.Equal, "lt": catalog.Less, "le": catalog.LessOrEqual, "gt": catalog.Greater, "ge": catalog.GreaterOrEqual,
	"between": catalog.Between, "beginsWith": catalog.BeginsWith,
}

// condition compiles the argument that limits an index's sort values; nil is none. It has one operator at most, as DynamoDB takes no more; null ones ask for nothing.
func (a arguments) condition(m *schema.Model, sort *schema.SortArgument) (c catalog.Condition, err error) {
	if sort == nil || sort.Ignored || null(a.values[sort.Name]) {
		return c, nil
	}
	if !a.caller.mayReadAll(m, sort.Index.Sort) {
		return c, unauthorized(sort.Name, m.Name)
	}
	value, err := decodeValue(a.values[sort.Name])
	if err != nil {
		return c, a.fail("the argument %s cannot be read: %v", sort.Name, err)
	}
	return a.compare(sort.Index, value, sort.Name)
}

// sortName is the argument's name, "" for none.
func sortName(sort *schema.SortArgument) string {
	if sort == nil {
		return ""
	}
	return sort.Name
}

func (a arguments) compare(ix *schema.Index, value any, path string) (c catalog.Condition, err error) {
	members, err := a.members(value, path)
	if err != nil {
		return c, err
	}
	chosen := ""
	for _, name := range slices.Sorted(maps.Keys(members)) {
		switch {
		case keyOperators[name] == 0:
			return c, a.fail("%s.%s is no operator of a key: it has %s", path, name, strings.Join(slices.Sorted(maps.Keys(keyOperators)), ", "))
		case members[name] == nil:
		case chosen != "":
			return c, a.fail("%s has %s and %s: a key is compared with one operator", path, chosen, name)
		default:
			chosen = name
		}
	}
	if chosen == "" {
		return c, nil
	}
	path += "." + chosen
	values, err := a.sortValues(ix, keyOperators[chosen], members[chosen], path)
	if err != nil {
		return c, err
	}
	if c, err = catalog.NewCondition(ix, keyOperators[chosen], values...); err != nil {
		err = a.fail("%s: %v", path, err)
	}
	return c, err
}

func (a arguments) sortValues(ix *schema.Index, o catalog.Operator, value any, path string) ([][][]byte, error) {
	if o != catalog.Between {
		parts, err := a.sortParts(ix, value, path)
		return [][][]byte{parts}, err
	}
	ends, err := a.pair(value, path)
	if err != nil {
		return nil, err
	}
	from, err := a.sortParts(ix, ends[0], path+"[0]")
	if err != nil {
		return nil, err
	}
	to, err := a.sortParts(ix, ends[1], path+"[1]")
	return [][][]byte{from, to}, err
}

// sortParts is a value of the sort field, or of the leading ones of several, which stand in an object.
func (a arguments) sortParts(ix *schema.Index, value any, path string) (parts [][]byte, err error) {
	if len(ix.Sort) == 1 {
		part, err := a.operand(keyType(ix.Sort[0]), value, path)
		return [][]byte{part}, err
	}
	members, err := a.members(value, path)
	if err == nil {
		err = a.known(ix, members, path)
	}
	if err != nil {
		return nil, err
	}
	for i, f := range ix.Sort {
		if members[f.Name] == nil {
			continue
		}
		if len(parts) < i {
			return nil, a.fail("%s.%s needs %s before it", path, f.Name, ix.Sort[i-1].Name)
		}
		part, err := a.operand(keyType(f), members[f.Name], path+"."+f.Name)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	if len(parts) == 0 {
		return nil, a.fail("%s has no value of %s", path, ix.Sort[0].Name)
	}
	return parts, nil
}

// known refuses a part of a sort value that the index does not have.
func (a arguments) known(ix *schema.Index, members map[string]any, path string) error {
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if !slices.ContainsFunc(ix.Sort, func(f *schema.Field) bool { return f.Name == name }) {
			return a.fail("%s has no part %s: it has those of %s", path, name, ix.SortAttribute())
		}
	}
	return nil
}

// keyType is the type of what a key's field is compared with: any text, where the field is an enum.
func keyType(f *schema.Field) *schema.Type {
	if f.Type.Kind == schema.Enumeration {
		return &schema.Type{Name: "String", Kind: schema.String}
	}
	return &f.Type
}
