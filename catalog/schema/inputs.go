package schema

import "slices"

// conditionScalar is the scalar under whose name Amplify filters values of a type: a date is a String, a timestamp an Int, an enum in a key a String.
func conditionScalar(t Type) string {
	switch {
	case t.Kind == Long:
		return "Int"
	case slices.Contains([]string{"ID", "Int", "Float", "Boolean"}, t.Name):
		return t.Name
	}
	return "String"
}

// The operators of filters and key conditions, in the order that Amplify writes them.
var (
	compared  = []string{"ne", "eq", "le", "lt", "ge", "gt"}
	searched  = []string{"contains", "notContains", "between", "beginsWith"}
	operators = map[string][]string{
		"String": slices.Concat(compared, searched), "ID": slices.Concat(compared, searched), "Int": slices.Concat(compared, []string{"between"}),
		"Float": slices.Concat(compared, []string{"between"}), "Boolean": {"ne", "eq"},
	}
	keyOperators = []string{"eq", "le", "lt", "ge", "gt", "between"}
)

// inputs writes the input types that the arguments of the served fields need.
func (w *sdl) inputs(s *Schema) {
	written := map[string]bool{}
	once := func(name string, lines func() []string) {
		if !written[name] {
			written[name] = true
			w.block("input "+name, lines()...)
		}
	}
	for _, scalar := range []string{"String", "Int", "Float", "Boolean", "ID"} {
		once("Model"+scalar+"Input", func() []string { return scalarInput(scalar) })
	}
	w.block("enum ModelAttributeTypes", "binary", "binarySet", "bool", "list", "map", "number", "numberSet", "string", "stringSet", "_null")
	once("ModelSizeInput", func() []string { return operatorLines(operators["Int"], "Int") })
	for _, m := range s.Models {
		for _, f := range m.Fields {
			if f.filtered() && f.Type.Kind == Enumeration {
				once(f.filterInput(), f.enumInput)
			}
		}
		once(m.filterInput(), func() []string { return m.filterLines(w.settings) })
	}
	for _, a := range s.sortArguments() {
		if len(a.argument.Index.Sort) == 1 {
			scalar := conditionScalar(a.argument.Index.Sort[0].Type)
			once(a.argument.Type, func() []string { return keyLines(scalar, scalar == "String" || scalar == "ID") })
			continue
		}
		composite := compositeInput(a.model, a.argument.Index) + "Input"
		once(a.argument.Type, func() []string { return keyLines(composite, true) })
		once(composite, a.argument.Index.compositeLines)
	}
}

// sortOf is a sort argument with the model whose index it is of.
type sortOf struct {
	model    *Model
	argument *SortArgument
}

// sortArguments are those of all served fields.
func (s *Schema) sortArguments() []sortOf {
	var list []sortOf
	for _, q := range s.Queries {
		if q.Sort != nil {
			list = append(list, sortOf{q.Model, q.Sort})
		}
	}
	for _, m := range s.Models {
		for _, f := range m.Fields {
			if f.Relation != nil && f.Relation.Sort != nil {
				list = append(list, sortOf{f.Relation.Target, f.Relation.Sort})
			}
		}
	}
	return list
}

func operatorLines(operators []string, operand string) []string {
	lines := make([]string, len(operators))
	for i, operator := range operators {
		lines[i] = operator + ": " + operand
		if operator == "between" {
			lines[i] = operator + ": [" + operand + "]"
		}
	}
	return lines
}

func scalarInput(scalar string) []string {
	lines := append(operatorLines(operators[scalar], scalar), "attributeExists: Boolean", "attributeType: ModelAttributeTypes")
	if scalar == "String" || scalar == "ID" {
		lines = append(lines, "size: ModelSizeInput")
	}
	return lines
}

func keyLines(operand string, prefix bool) []string {
	lines := operatorLines(keyOperators, operand)
	if prefix {
		lines = append(lines, "beginsWith: "+operand)
	}
	return lines
}

// compositeLines are the fields of a sort key of several. Amplify writes the last one's type by its scalar.
func (ix *Index) compositeLines() []string {
	lines := make([]string, len(ix.Sort))
	for i, f := range ix.Sort {
		name := f.Type.Name
		if i == len(ix.Sort)-1 && f.Type.Kind != Enumeration {
			name = conditionScalar(f.Type)
		}
		lines[i] = f.Name + ": " + name
	}
	return lines
}

// filtered says whether a model can be filtered by the field: by scalars and enums, and lists of them.
func (f *Field) filtered() bool { return !f.Hidden && f.Relation == nil && f.Type.Kind != Nested }

// filterInput is the input type for the field. A list is filtered as its elements are, but for enums, which have an input of their own for lists.
func (f *Field) filterInput() string {
	switch {
	case f.Type.Kind != Enumeration:
		return "Model" + conditionScalar(f.Type) + "Input"
	case f.Type.Elem != nil:
		return "Model" + f.Type.Name + "ListInput"
	}
	return "Model" + f.Type.Name + "Input"
}

func (f *Field) enumInput() []string {
	name := f.Type.Name
	if f.Type.Elem != nil {
		return []string{"eq: [" + name + "]", "ne: [" + name + "]", "contains: " + name, "notContains: " + name}
	}
	return []string{"eq: " + name, "ne: " + name}
}

// filterLines are the fields of a model's filter. DataStore's number of a version and time of a change are not among them.
func (m *Model) filterLines(s *settings) []string {
	var lines []string
	for _, f := range m.Fields {
		if f.filtered() && !(s.dataStore && (f.Name == "_version" || f.Name == "_lastChangedAt")) {
			lines = append(lines, f.Name+": "+f.filterInput())
		}
	}
	name := m.filterInput()
	return append(lines, "and: ["+name+"]", "or: ["+name+"]", "not: "+name)
}
