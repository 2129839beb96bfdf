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

// sortArgument is the argument that limits an index's sort values, named as Amplify does: like the sort field, or like all of them in camel case; "" for an index without.
func sortArgument(ix *schema.Index) string {
	if len(ix.Sort) == 1 {
		return ix.Sort[0].Name
	}
	var name strings.Builder
	for i, f := range ix.Sort {
		first := strings.ToUpper(f.Name[:1])
		if i == 0 {
			first = strings.ToLower(f.Name[:1])
		}
		name.WriteString(first + f.Name[1:])
	}
	return name.String()
}

// condition compiles that argument. It has one operator at most, as DynamoDB takes no more; null ones ask for nothing.
func (a arguments) condition(ix *schema.Index) (c catalog.Condition, err error) {
	path := sortArgument(ix)
	if raw := a.values[path]; path != "" && !null(raw) {
		value, err := decodeValue(raw)
		if err != nil {
			return c, a.fail("the argument %s cannot be read: %v", path, err)
		}
		return a.compare(ix, value, path)
	}
	return c, nil
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
