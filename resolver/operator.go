package resolver

import (
	"bytes"
	"slices"
	"strings"

	"github.com/chunkaside/chunkaside/catalog/schema"
)

// The operators of Amplify's filter inputs.
var (
	comparisons      = []string{"ne", "eq", "le", "lt", "ge", "gt"}
	existence        = []string{"attributeExists", "attributeType"}
	sizeOperators    = append(slices.Clone(comparisons), "between")
	textOperators    = slices.Concat(comparisons, []string{"contains", "notContains", "between", "beginsWith"}, existence, []string{"size"})
	numberOperators  = slices.Concat(comparisons, []string{"between"}, existence)
	booleanOperators = slices.Concat([]string{"ne", "eq"}, existence)
	enumOperators    = []string{"eq", "ne"}
	enumsOperators   = []string{"eq", "ne", "contains", "notContains"}
)

// operatorsOf are the operators that a field of this type has; nil if it cannot be filtered. A list has those of its elements, and what lists have besides: Amplify gives lists of texts the
// input of a text.
func operatorsOf(t *schema.Type) []string {
	var operators []string
	switch t.Kind {
	case schema.String, schema.JSON:
		return textOperators
	case schema.Int, schema.Long, schema.Float:
		operators = numberOperators
	case schema.Boolean:
		operators = booleanOperators
	case schema.Enumeration:
		if t.Elem != nil {
			return enumsOperators
		}
		return enumOperators
	default:
		return nil
	}
	if t.Elem != nil {
		return slices.Concat(operators, []string{"contains", "notContains", "size"})
	}
	return operators
}

// test says whether a field's value passes: raw is canonical JSON, nil if the entity lacks the field.
type test func(raw []byte) bool

// test compiles one operator; nil if it asks for nothing.
func (c *filterCompiler) test(t *schema.Type, name string, value any, path string) (test, error) {
	if value == nil && name != "eq" && name != "ne" {
		return nil, nil //nolint:nilnil // it asks for nothing
	}
	switch name {
	case "eq":
		return c.equal(t, value, path)
	case "ne":
		return negated(c.equal(t, value, path))
	case "contains":
		return c.contains(t, value, path)
	case "notContains":
		return negated(c.contains(t, value, path))
	case "beginsWith":
		want, err := c.operand(t, value, path)
		return beginning(want), err
	case "attributeExists":
		want, ok := value.(bool)
		if !ok {
			return nil, c.fail("%s must be true or false, not %s", path, written(value))
		}
		return func(raw []byte) bool { return (raw != nil) == want }, nil
	case "attributeType":
		return c.typed(value, path)
	case "size":
		return c.size(value, path)
	}
	return c.ordered(t, name, value, path, orderOf)
}

func negated(holds test, err error) (test, error) {
	return func(raw []byte) bool { return !holds(raw) }, err
}

// equal compares bytes: equal values are written alike.
func (c *filterCompiler) equal(t *schema.Type, value any, path string) (test, error) {
	want, err := []byte("null"), error(nil)
	switch {
	case value == nil:
	case t.Elem != nil && t.Kind == schema.Enumeration:
		want, err = c.operandList(t, value, path)
	default:
		want, err = c.operand(t, value, path)
	}
	return func(raw []byte) bool { return bytes.Equal(raw, want) }, err
}

func (c *filterCompiler) contains(t *schema.Type, value any, path string) (test, error) {
	want, err := c.operand(t, value, path)
	return containing(want), err
}

// ordered compiles le, lt, ge, gt and between, and of sizes eq and ne. by makes what compares.
func (c *filterCompiler) ordered(t *schema.Type, name string, value any, path string, by func(want []byte) comparer) (test, error) {
	if name == "between" {
		return c.between(t, value, path, by)
	}
	want, err := c.operand(t, value, path)
	if err != nil {
		return nil, err
	}
	return compared(name, by(want)), nil
}

func (c *filterCompiler) between(t *schema.Type, value any, path string, by func(want []byte) comparer) (test, error) {
	ends, err := c.pair(value, path)
	if err != nil {
		return nil, err
	}
	low, err := c.operand(t, ends[0], path+"[0]")
	if err != nil {
		return nil, err
	}
	high, err := c.operand(t, ends[1], path+"[1]")
	if err != nil {
		return nil, err
	}
	if order, _ := orderOf(low)(high); order < 0 {
		return nil, c.fail("%s: the first value must not be above the second", path) // DynamoDB refuses it too
	}
	fromLow, fromHigh := compared("ge", by(low)), compared("le", by(high))
	return func(raw []byte) bool { return fromLow(raw) && fromHigh(raw) }, nil
}

// sizes is the type of what sizes are compared with.
var sizes = &schema.Type{Name: "Int", Kind: schema.Int}

func (c *filterCompiler) size(value any, path string) (test, error) {
	tests, err := c.tests("size", sizeOperators, value, path, func(name string, value any, path string) (test, error) {
		if value == nil {
			return nil, nil //nolint:nilnil // it asks for nothing
		}
		return c.ordered(sizes, name, value, path, sizeOf)
	})
	return all(tests), err
}

// typed compiles attributeType. The types that a catalog does not keep apart from others are no value's: see filter.
func (c *filterCompiler) typed(value any, path string) (test, error) {
	name, _ := value.(string)
	if !slices.Contains(attributeTypes, name) {
		return nil, c.fail("%s must be one of %s, not %s", path, strings.Join(attributeTypes, ", "), written(value))
	}
	return func(raw []byte) bool { return typeOf(raw) == name }, nil
}
