package infra_test

import (
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// document is a template, its short forms such as !Ref written out: {"Ref": name}.
type document struct {
	Parameters, Rules, Conditions, Resources, Outputs map[string]any
}

func parse(t testing.TB, text []byte) document {
	t.Helper()
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	all := value(t, root.Content[0]).(map[string]any)
	part := func(name string) map[string]any {
		found, _ := all[name].(map[string]any)
		return found
	}
	d := document{part("Parameters"), part("Rules"), part("Conditions"), part("Resources"), part("Outputs")}
	d.Resources["Globals"] = map[string]any{"Type": "AWS::Serverless::Function", "Properties": part("Globals")["Function"]}
	return d
}

// value is a node as JSON has it.
func value(t testing.TB, n *yaml.Node) any {
	var plain any
	switch n.Kind {
	case yaml.MappingNode:
		members := map[string]any{}
		for i := 0; i < len(n.Content); i += 2 {
			name := n.Content[i].Value
			if _, twice := members[name]; twice {
				t.Errorf("line %d: %s stands twice", n.Line, name)
			}
			members[name] = value(t, n.Content[i+1])
		}
		plain = members
	case yaml.SequenceNode:
		list := []any{}
		for _, item := range n.Content {
			list = append(list, value(t, item))
		}
		plain = list
	default:
		plain = n.Value
	}
	if short, ok := strings.CutPrefix(n.Tag, "!"); ok && !strings.HasPrefix(short, "!") {
		if short != "Ref" && short != "Condition" {
			short = "Fn::" + short
		}
		return map[string]any{short: plain}
	}
	return plain
}

// walk visits every value in a tree, the tree itself first.
func walk(tree any, visit func(any)) {
	visit(tree)
	switch tree := tree.(type) {
	case map[string]any:
		for _, member := range tree {
			walk(member, visit)
		}
	case []any:
		for _, item := range tree {
			walk(item, visit)
		}
	}
}

// at is what stands under a path of names, nil where there is nothing.
func at(tree any, path ...string) any {
	for _, name := range path {
		members, ok := tree.(map[string]any)
		if !ok {
			return nil
		}
		tree = members[name]
	}
	return tree
}

// text is a string under a path, "" where there is none.
func text(tree any, path ...string) string {
	s, _ := at(tree, path...).(string)
	return s
}

// list is a list under a path; one value is a list of one, as in policies.
func list(tree any, path ...string) []any {
	switch found := at(tree, path...).(type) {
	case nil:
		return nil
	case []any:
		return found
	default:
		return []any{found}
	}
}

// ofType are the names of a type's resources.
func (d document) ofType(kind string) map[string]any {
	found := map[string]any{}
	for name, r := range d.Resources {
		if text(r, "Type") == kind && name != "Globals" {
			found[name] = at(r, "Properties")
		}
	}
	return found
}

var placeholder = regexp.MustCompile(`\$\{([^!}][^}]*)\}`)

// references are the names that a value refers to by Ref, GetAtt and Sub, without their attributes; conditions those of conditions.
func references(tree any) (names, conditions []string) {
	walk(tree, func(v any) {
		members, ok := v.(map[string]any)
		if !ok {
			return
		}
		names = append(names, base(text(members, "Ref")), base(text(members, "Fn::GetAtt")))
		conditions = append(conditions, text(members, "Condition"))
		if choice := list(members, "Fn::If"); len(choice) == 3 {
			conditions = append(conditions, choice[0].(string))
		}
		body, local := text(members, "Fn::Sub"), map[string]any{}
		if pair := list(members, "Fn::Sub"); len(pair) == 2 {
			body, local = pair[0].(string), pair[1].(map[string]any)
		}
		for _, m := range placeholder.FindAllStringSubmatch(body, -1) {
			if local[m[1]] == nil {
				names = append(names, base(m[1]))
			}
		}
	})
	return names, conditions
}

// base is a name without its attribute.
func base(name string) string {
	name, _, _ = strings.Cut(name, ".")
	return name
}
