package appsync

import (
	"github.com/go-json-experiment/json/jsontext"
	"github.com/vektah/gqlparser/v2/ast"
)

// appendLeaf appends a scalar or an enum's value as the client gets it; false if the handler's value cannot be one. Numbers
// keep their digits. The formats of AWSDate and the like are not looked at.
func appendLeaf(dst []byte, definition *ast.Definition, raw jsontext.Value) ([]byte, bool) {
	kind := raw.Kind()
	if definition.Kind == ast.Enum {
		if kind != '"' || definition.EnumValues.ForName(unquote(raw)) == nil {
			return dst, false
		}
		return append(dst, raw...), true
	}
	switch definition.Name {
	case "Boolean":
		return append(dst, raw...), kind == 't' || kind == 'f'
	case "Float":
		return append(dst, raw...), kind == '0' && finite(raw)
	case "Int":
		return appendInteger(dst, raw, 32)
	case "AWSTimestamp":
		return appendInteger(dst, raw, 64)
	case "AWSJSON":
		return appendJSON(dst, raw), true
	default:
		return appendText(dst, raw)
	}
}

func appendInteger(dst []byte, raw jsontext.Value, bits int) ([]byte, bool) {
	if raw.Kind() != '0' {
		return dst, false
	}
	digits, err := integer("", raw, bits)
	return append(dst, digits...), err == nil
}

// appendText is for String, ID and AppSync's scalars that are strings. A number or boolean becomes its text; that is inferred
// from the GraphQL library that AppSync is built on.
func appendText(dst []byte, raw jsontext.Value) ([]byte, bool) {
	switch raw.Kind() {
	case '"':
		return append(dst, raw...), true
	case '0', 't', 'f':
		return append(append(append(dst, '"'), raw...), '"'), true
	default:
		return dst, false
	}
}

// appendJSON is for AWSJSON: the client gets a string that holds the value's JSON text. That is documented for objects and
// lists. That a string is treated alike, so that the client sees "\"text\"" and one that holds JSON is encoded twice, is
// inferred: AppSync parses the text of an AWSJSON argument into the value, and Amplify's own simulator encodes every value.
func appendJSON(dst []byte, raw jsontext.Value) []byte {
	compact, err := jsontext.AppendFormat(nil, raw, jsontext.AllowDuplicateNames(true), jsontext.PreserveRawStrings(true))
	if err != nil {
		compact = raw // it was valid before: this cannot happen
	}
	return appendQuoted(dst, string(compact))
}
