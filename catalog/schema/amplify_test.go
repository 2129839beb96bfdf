package schema_test

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/internal/servertest"
)

// open marks what a schema is refused for, because callers would see different records, as open to all. It says whether there was anything.
func open(t *testing.T, name, text string) (string, bool) {
	t.Helper()
	_, err := schema.Parse(name, text)
	if err == nil {
		return text, false
	}
	var places []int
	for _, fault := range faults(t, err) {
		if !strings.Contains(fault.Problem, "lets each caller read other records") || !strings.Contains(fault.Fix, "@serve(to: EVERYONE)") {
			t.Fatalf("refused for another reason: %v", fault)
		}
		lines := strings.SplitAfter(text, "\n")
		until := len(strings.Join(lines[:fault.Line-1], "")) + len(string([]rune(lines[fault.Line-1])[:fault.Column]))
		places = append(places, strings.LastIndex(text[:until], "@auth"))
	}
	slices.Sort(places)
	for _, at := range slices.Backward(slices.Compact(places)) {
		text = text[:at] + "@serve(to: EVERYONE) " + text[at:]
	}
	return text, true
}

func faults(t *testing.T, err error) []*schema.Error {
	t.Helper()
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		t.Fatalf("%T is no joined error: %v", err, err)
	}
	var list []*schema.Error
	for _, one := range joined.Unwrap() {
		fault, ok := errors.AsType[*schema.Error](one)
		if !ok {
			t.Fatalf("%T is no *schema.Error: %v", one, one)
		}
		list = append(list, fault)
	}
	return list
}

func read(t *testing.T, elem ...string) string {
	t.Helper()
	text, err := os.ReadFile(servertest.SharedData(t, append([]string{"amplify-schemas"}, elem...)...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestRealSchemas loads every real schema, and every one of Amplify's own tests that is valid. Those by which each caller sees other records are refused first.
func TestRealSchemas(t *testing.T) {
	dependent := []string{"gen2-references-customer-orders", "v1-airline-booking", "v1-multi-auth", "v2-courier-dispatch", "v2-media-vault", "v2-product-catalog", "v2-project-boards",
		"valid-auth-must-be-annotated-with-model", "valid-owner-field-type-string"}
	refused := map[string]string{
		"valid-blank-schema":          "declares no model", // there is nothing to serve
		"valid-reserved-type-name":    "declares no model",
		"valid-field-in-parent-model": "names 2 fields for a key of 1", // the transformer refuses it too: partial sort keys are not accepted
	}
	paths, _ := filepath.Glob(filepath.Join(servertest.SharedData(t, "amplify-schemas"), "*.graphql"))
	more, _ := filepath.Glob(filepath.Join(servertest.SharedData(t, "amplify-schemas"), "validator", "valid-*.graphql"))
	for _, path := range append(paths, more...) {
		name := strings.TrimSuffix(filepath.Base(path), ".graphql")
		if strings.HasSuffix(name, "-built") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if want := refused[name]; want != "" {
				if _, err := schema.Parse(name, string(text)); err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("Parse = %v, want %q", err, want)
				}
				return
			}
			opened, depends := open(t, name, string(text))
			if want := slices.Contains(dependent, name); depends != want {
				t.Errorf("refused because it depends on the caller = %v, want %v", depends, want)
			}
			s, err := schema.Parse(name, opened)
			if err != nil {
				t.Fatal(err)
			}
			loadServed(t, s)
		})
	}
}

func loadServed(t *testing.T, s *schema.Schema) *ast.Schema {
	t.Helper()
	served, err := gqlparser.LoadSchema(&ast.Source{Name: "prelude", Input: schema.ServedPrelude}, &ast.Source{Name: "served", Input: s.Served()})
	if err != nil {
		t.Fatalf("%v in\n%s", err, s.Served())
	}
	return served
}

// TestAnswerSheets compares what is served with what Amplify generated from the same schema: every query of the models, and every type that one leads to, with all arguments and inputs,
// and the directives that let callers in.
func TestAnswerSheets(t *testing.T) {
	for _, test := range []struct {
		name, defaultAuth string
		// left are the queries that are not the models'.
		left []string
	}{
		{"v2-discussions", "apiKey", []string{"fetchUserActivity"}},
		{"v2-media-vault", "userPools", []string{"generateThumbnail", "addUserToGroup", "removeUserFromGroup"}},
		{"v2-product-catalog", "iam", []string{"checkLowStock"}},
		{"v2-project-boards", "apiKey", []string{"getRandomQuote"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			text, _ := open(t, test.name, read(t, test.name+".graphql"))
			s, err := schema.Parse(test.name, text+"\nextend schema @amplify(defaultAuth: "+test.defaultAuth+")")
			if err != nil {
				t.Fatal(err)
			}
			built, err := gqlparser.LoadSchema(&ast.Source{Input: schema.ServedPrelude + "directive @aws_subscribe(mutations: [String]) on FIELD_DEFINITION"},
				&ast.Source{Name: test.name, Input: read(t, test.name+"-built.graphql")})
			if err != nil {
				t.Fatal(err)
			}
			want := describe(built, test.left)
			if diff := cmp.Diff(want, describe(loadServed(t, s), []string{schema.ManifestQuery, schema.ChunksQuery})); diff != "" {
				t.Errorf("served (-Amplify +ours):\n%s", diff)
			}
			for _, name := range test.left {
				if !slices.ContainsFunc(s.LeftOut, func(l schema.LeftOut) bool { return l.What == "Query."+name && l.Line > 0 }) {
					t.Errorf("Query.%s is not among what is left out: %v", name, s.LeftOut)
				}
			}
		})
	}
}

// describe writes the queries but those left, and all types that they lead to.
func describe(s *ast.Schema, left []string) map[string][]string {
	types := map[string][]string{}
	var visit func(name string)
	lines := func(fields ast.FieldList) (list []string) {
		for _, f := range fields {
			if strings.HasPrefix(f.Name, "__") || slices.Contains(left, f.Name) {
				continue
			}
			var arguments []string
			for _, a := range f.Arguments {
				arguments = append(arguments, a.Name+": "+a.Type.String())
				visit(a.Type.Name())
			}
			slices.Sort(arguments)
			list = append(list, f.Name+"("+strings.Join(arguments, ", ")+"): "+f.Type.String()+describeDirectives(f.Directives))
			visit(f.Type.Name())
		}
		return list
	}
	visit = func(name string) {
		definition := s.Types[name]
		if types[name] != nil || definition.Kind == ast.Scalar {
			return
		}
		types[name] = []string{} // being described
		described := append(lines(definition.Fields), string(definition.Kind)+describeDirectives(definition.Directives))
		for _, value := range definition.EnumValues {
			described = append(described, value.Name)
		}
		slices.Sort(described)
		types[name] = described
	}
	visit("Query")
	return types
}

func describeDirectives(directives ast.DirectiveList) string {
	names := map[string]bool{}
	for _, d := range directives {
		names[d.Name] = true
	}
	return " @" + strings.Join(slices.Sorted(maps.Keys(names)), " @")
}

// TestInvalidSchemas: what Amplify's own validator refuses is refused, at its place.
func TestInvalidSchemas(t *testing.T) {
	want := map[string]string{
		"auth-must-be-annotated-with-model":                 ":1:12: type Post has @auth but is no model; mark Post with @model",
		"belongs-to-fields-match-related-type-primary-key1": ":4:19: Test.testObj compares email with Test1.id: one is of type String, one of type ID; give both the same type",
		"belongs-to-fields-match-related-type-primary-key3": ":8:23: Undefined argument fields for directive primaryKey",
		"belongs-to-fields-match-related-type-primary-key4": ":5:19: Test.testObj compares email with Test1.id: one is of type String, one of type ID",
		"belongs-to":                                    ":4:3: Project.team has the model Team as its type but no relation; add @hasMany",
		"correct-type-in-many-to-many-relation":         ":12:17: AmplifyActivity.moodEntries is a list of AmplifyActivity, but the other side of the relation",
		"default-directive2":                            ":3:21: Test.student has a @default, but only scalars and enums can have one; remove it",
		"default-directive3":                            ":3:44: Undefined argument name for directive default",
		"empty-schema":                                  ": the file declares no model",
		"enum-is-defined-once":                          ":6:3: Enum value NotificationType.LIKE can only be defined once",
		"field-not-in-parent-model-hasmany":             ":3:19: Test.testObj has @hasMany but is no list; write [Test1], or use @hasOne",
		"field-not-in-parent-model":                     ":3:19: @belongsTo of Test: there is no field email; name a field of Test",
		"hasone-cannot-be-used-with-lists":              ":3:16: Foo.bars is a list; write Bar without brackets, or use @hasMany",
		"index-directive-schema":                        ":17:3: User.nonScalarIndex has the model InvalidNonScalar as its type but no relation",
		"index-is-defined-once-in-model":                `:4:17: type Project has two indexes "byTeam"`,
		"key-exists-in-related-model":                   ":12:22: Argument fields for directive key cannot be null",
		"many-to-many-has-a-relationname-test1":         ":3:10: Foo.bars has the unknown type Bar", // that it has no relationName comes second
		"many-to-many-has-a-relationname-test2":         ":3:10: Foo.bars has the unknown type Bar",
		"owner-field-type-string":                       ":4:94: a rule of @auth has ownerField: autores; write a text in quotes",
		"relationname-doesnot-conflict-with-typename":   ":3:16: @manyToMany makes a type FooBar, which is there already; choose another relationName",
		"reserved-field-name":                           ":4:3: Test._version has a name that Amplify reserves; remove it",
		"reserved-type-name":                            ":1:6: a model is called Query, which GraphQL reserves; choose another name",
		"type-is-not-defined-once":                      ":7:6: Cannot redeclare type Test",
		"unique-field-names-with-relation":              ":4:3: Contact has the relations users and Users; rename one of them",
		"use-directives-from-newer-transformer-version": ":2:12: Post.id has @primaryKey, but Post is no model; mark Post with @model",
		"use-directives-from-older-transformer-version": ":1:12: type Post has @key but is no model; mark Post with @model",
	}
	paths, _ := filepath.Glob(filepath.Join(servertest.SharedData(t, "amplify-schemas"), "validator", "invalid-*.graphql"))
	if len(paths) != len(want) {
		t.Errorf("%d files, want %d", len(paths), len(want))
	}
	for _, path := range paths {
		name := strings.TrimPrefix(strings.TrimSuffix(filepath.Base(path), ".graphql"), "invalid-")
		_, err := schema.Load(path)
		if err == nil || want[name] == "" || !strings.Contains(err.Error(), filepath.Base(path)+want[name]) {
			t.Errorf("%s: Load = %v, want %q in it", name, err, want[name])
			continue
		}
		faults(t, err)
	}
}
