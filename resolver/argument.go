package resolver

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// defaultLimit is how many entities a page has where no limit is given, as Amplify's resolvers do.
const defaultLimit = 100

// maxLimit is the most entities of a page, whatever limit is given: about what fits into an answer. The rest is behind nextToken.
const maxLimit = 100_000

// arguments are a field's, checked as they are asked for.
type arguments struct {
	field  string
	values map[string]json.RawMessage
	caller *caller
}

// allow refuses arguments other than these; null ones count as not given. Of two always the same is told.
func (a arguments) allow(names ...string) error {
	refused, first := false, ""
	for name, raw := range a.values {
		if !null(raw) && !slices.Contains(names, name) && (!refused || name < first) {
			refused, first = true, name
		}
	}
	if refused {
		return failf(BadArgument, "%s: the argument %s is not served", a.field, first)
	}
	return nil
}

// allowPage refuses arguments other than those of every field that answers a page, and these; "" is none.
func (a arguments) allowPage(names ...string) error {
	names = slices.DeleteFunc(names, func(name string) bool { return name == "" })
	return a.allow(append(names, "filter", "sortDirection", "limit", "nextToken")...)
}

// key is the value of an argument that a key is made of, as canonical JSON.
func (a arguments) key(f *schema.Field) ([]byte, error) {
	raw := a.values[f.Name]
	if null(raw) {
		return nil, failf(BadArgument, "%s: the argument %s is missing", a.field, f.Name)
	}
	value, err := keyValue(f, raw)
	if err != nil {
		return nil, failf(BadArgument, "%s: the argument %s: %v", a.field, f.Name, err)
	}
	return value, nil
}

// prefix is the key of an index made of the arguments that are named like its fields.
func (a arguments) prefix(ix *schema.Index, fields []*schema.Field) (string, error) {
	values := make([][]byte, len(fields))
	for i, f := range fields {
		var err error
		if values[i], err = a.key(f); err != nil {
			return "", err
		}
	}
	prefix, ok, err := catalog.Prefix(ix, values...)
	if err != nil {
		return "", failf(BadArgument, "%s: %v", a.field, err)
	}
	if !ok {
		return "", failf(BadArgument, "%s: an empty text is no key", a.field)
	}
	return prefix, nil
}

// limit is how many entities a page has; standard is how many it has if the argument is not given.
func (a arguments) limit(standard int) (int, error) {
	raw := a.values["limit"]
	if null(raw) {
		return standard, nil
	}
	n, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil || n < 1 || n > math.MaxInt32 {
		return 0, failf(BadArgument, "%s: the argument limit must be a whole number of at least 1, not %s", a.field, short(raw))
	}
	return int(min(n, maxLimit)), nil
}

func (a arguments) descending() (bool, error) {
	switch raw := a.values["sortDirection"]; string(raw) {
	case "", "null", `"ASC"`:
		return false, nil
	case `"DESC"`:
		return true, nil
	default:
		return false, failf(BadArgument, "%s: the argument sortDirection must be ASC or DESC, not %s", a.field, short(raw))
	}
}

// nextToken is the argument's text, "" if it is not given.
func (a arguments) nextToken() (string, error) {
	raw := a.values["nextToken"]
	if null(raw) {
		return "", nil
	}
	var text string
	if err := json.Unmarshal(raw, &text); err != nil || text == "" {
		return "", failf(BadNextToken, "%s: the nextToken must be a text that an earlier page gave", a.field)
	}
	return text, nil
}

// keyValue makes a value from outside canonical: an ID may come as a number, a number in many forms.
func keyValue(f *schema.Field, raw json.RawMessage) ([]byte, error) {
	switch number := len(raw) > 0 && (raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9'); {
	case number && f.Type.Name == "ID":
		return jsontext.AppendQuote(nil, raw)
	case number:
		text, err := store.CanonicalNumber(string(raw))
		return []byte(text), err
	}
	return raw, nil
}

// short is the beginning of a value, for a message.
func short(raw []byte) string {
	const most = 40
	if len(raw) <= most {
		return string(raw)
	}
	return string(raw[:most]) + "..."
}
