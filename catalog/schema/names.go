package schema

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// camelCase joins words: the first begins with a small letter, the others with a capital.
func camelCase(words ...string) string {
	var joined strings.Builder
	for i, word := range words {
		if i == 0 {
			joined.WriteString(lowerFirst(word))
		} else {
			joined.WriteString(upperFirst(word))
		}
	}
	return joined.String()
}

func upperFirst(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}

func lowerFirst(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(first)) + s[size:]
}

var noName = regexp.MustCompile(`^[^_A-Za-z]+|[^_0-9A-Za-z]`)

// graphQLNameOf leaves out of a text what no GraphQL name may have.
func graphQLNameOf(text string) string { return noName.ReplaceAllString(text, "") }

// plural is the plural that Amplify makes of a type's name: by the rules of the npm package "pluralize", or, in the first transformer's way, by an "s".
func (l *loader) plural(name string) string {
	if l.settings.plainPlurals {
		return name + "s"
	}
	return l.plurals.Plural(name)
}
