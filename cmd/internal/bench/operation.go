package bench

import (
	"errors"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
)

// name is an operation's own, or that of its first field.
func name(operation *ast.OperationDefinition) string {
	if operation.Name != "" {
		return operation.Name
	}
	for _, selected := range operation.SelectionSet {
		if field, ok := selected.(*ast.Field); ok {
			return field.Name
		}
	}
	return "query"
}

// remarks are the comments above an operation that have a meaning here.
func remarks(operation *ast.OperationDefinition) map[string]string {
	found := map[string]string{}
	if operation.Comment == nil {
		return found
	}
	for _, comment := range operation.Comment.List {
		key, value, _ := strings.Cut(comment.Text(), ":")
		if key = strings.TrimSpace(key); key == "weight" || key == "variables" {
			found[key] = strings.TrimSpace(value)
		}
	}
	return found
}

// alone is an operation's text, with the fragments that it uses, for AppSync takes none that are not used.
func alone(document *ast.QueryDocument, operation *ast.OperationDefinition) (string, error) {
	whole := &ast.QueryDocument{Operations: ast.OperationList{operation}}
	used := map[string]bool{}
	if err := fragments(document, operation.SelectionSet, used); err != nil {
		return "", err
	}
	for _, fragment := range document.Fragments {
		if used[fragment.Name] {
			whole.Fragments = append(whole.Fragments, fragment)
		}
	}
	var text strings.Builder
	formatter.NewFormatter(&text, formatter.WithIndent(" ")).FormatQueryDocument(whole)
	return text.String(), nil
}

// fragments notes which are used, by each other too.
func fragments(document *ast.QueryDocument, selected ast.SelectionSet, used map[string]bool) error {
	for _, s := range selected {
		var below ast.SelectionSet
		switch s := s.(type) {
		case *ast.Field:
			below = s.SelectionSet
		case *ast.InlineFragment:
			below = s.SelectionSet
		case *ast.FragmentSpread:
			fragment := document.Fragments.ForName(s.Name)
			if fragment == nil {
				return errors.New("there is no fragment " + s.Name)
			}
			if used[s.Name] {
				continue
			}
			used[s.Name] = true
			below = fragment.SelectionSet
		}
		if err := fragments(document, below, used); err != nil {
			return err
		}
	}
	return nil
}
