package infra

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"

	"github.com/chunkaside/chunkaside/catalog/schema"
)

// backend is the part of the API that is for backends and for those who wait for a new version. ${Callers} becomes the directives that let in roles of IAM and the callers of the API's default way to authorize, which is a
// parameter of the template.
var backend = schema.Operations("", " ${Callers}")

const (
	queryRoot = "schema {\n  query: Query\n}\n"
	allRoots  = "schema {\n  query: Query\n  mutation: Mutation\n  subscription: Subscription\n}\n"
)

// maxSDL is AppSync's limit of a schema's bytes.
const maxSDL = 1_000_000

// oneLine takes the breaks out of descriptions that end a line in YAML and in no other text here.
var oneLine = strings.NewReplacer("\u0085", " ", "\u2028", " ", "\u2029", " ")

// apiSDL is what the catalog serves, with all root types; what is for backends follows it.
func apiSDL(s *schema.Schema) (string, error) {
	served, found := strings.CutPrefix(s.Served(), queryRoot)
	if !found {
		return "", fmt.Errorf("%w: %s serves nothing", ErrSchema, s.Name)
	}
	sdl := allRoots + oneLine.Replace(served)
	return sdl, checkSDL(s.Name, sdl+backend)
}

// reserved begins names that AppSync keeps to itself, apart from GraphQL's "__".
var reserved = regexp.MustCompile(`^(AWS[A-Z]|__)`)

// checkSDL refuses what AppSync would.
func checkSDL(name, sdl string) error {
	if len(sdl) > maxSDL {
		return fmt.Errorf("%w: of %s it has %d bytes of schema, AppSync takes %d: split the catalog, or leave out types", ErrSchema, name, len(sdl), maxSDL)
	}
	if strings.Contains(sdl, "{{resolve:") {
		return fmt.Errorf("%w: %s: a description has {{resolve:, which CloudFormation would read as a secret's name: change it", ErrSchema, name)
	}
	document, err := parseSDL(sdl)
	if err != nil {
		return fmt.Errorf("%w: %s: %w: rename the type or field, if it is yours: the API has more names than the file, see chunkaside schema", ErrSchema, name, err)
	}
	for _, d := range document.Definitions {
		if !d.BuiltIn && reserved.MatchString(d.Name) {
			return fmt.Errorf("%w: %s: the type %s has a name that AppSync keeps to itself: rename it", ErrSchema, name, d.Name)
		}
		if len(d.Fields) == 0 && (d.Kind == ast.Object || d.Kind == ast.InputObject) {
			return fmt.Errorf("%w: %s: the type %s has no fields", ErrSchema, name, d.Name)
		}
	}
	return nil
}

// rootFields are those of Query, in their order.
func rootFields(sdl string) ([]string, error) {
	document, err := parseSDL(sdl)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, f := range document.Definitions.ForName("Query").Fields {
		// Validation adds those of introspection, which AppSync answers itself.
		if !strings.HasPrefix(f.Name, "__") {
			names = append(names, f.Name)
		}
	}
	return names, nil
}

// parseSDL parses and validates it as AppSync does, which knows scalars and directives of its own.
func parseSDL(sdl string) (*ast.SchemaDocument, error) {
	sdl = strings.ReplaceAll(sdl, "${Callers}", "@aws_iam")
	document, err := parser.ParseSchemas(validator.Prelude, &ast.Source{Input: schema.MutationsPrelude, BuiltIn: true},
		&ast.Source{Name: "schema", Input: sdl})
	if err != nil {
		return nil, err
	}
	_, err = validator.ValidateSchemaDocument(document)
	return document, err
}

// escaped is a text as Fn::Sub gives it back.
func escaped(text string) string { return strings.ReplaceAll(text, "${", "${!") }
