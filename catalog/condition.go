package catalog

import (
	"errors"
	"fmt"

	"github.com/chunkaside/chunkaside/catalog/schema"
)

// Condition limits a range of an index to some of its sort values. They are one run of the index's keys, so what is outside is not read. The zero value has them all.
type Condition struct {
	// From and To bound what follows the range's Prefix in the keys: From is the least, To is the least beyond; "" bounds nothing.
	From, To string
}

// Operator is how a Condition compares sort values, as DynamoDB orders them: texts by their UTF-8 bytes, numbers by size.
type Operator uint8

// The operators, with Amplify's names.
const (
	// Equal: eq.
	Equal Operator = iota + 1
	// Less: lt.
	Less
	// LessOrEqual: le.
	LessOrEqual
	// Greater: gt.
	Greater
	// GreaterOrEqual: ge.
	GreaterOrEqual
	// Between has two values: from the first to the second, both included.
	Between
	// BeginsWith has a text, or several sort fields, which are one.
	BeginsWith
)

var (
	errEmptySort = errors.New("an empty text is no sort value")
	errReversed  = errors.New("the first of two values must not be above the second")
	errBegins    = errors.New("numbers have no beginning")
)

// NewCondition compares the index's sort value with these: two for Between, one for the others. A value has a part, canonical JSON, for each sort field. Of several sort fields it may have
// the leading ones only: then the text that these make is compared, as Amplify does. The error is for whoever gave the values.
func NewCondition(ix *schema.Index, o Operator, values ...[][]byte) (Condition, error) {
	texts := make([]string, len(values))
	for i, parts := range values {
		var err error
		if texts[i], err = sortText(ix, parts); err != nil {
			return Condition{}, err
		}
	}
	const end = "\x00"
	switch first := texts[0]; o {
	case Less:
		return Condition{"", first + end}, nil
	case LessOrEqual:
		return Condition{"", first + end + last}, nil
	case Greater:
		return Condition{first + end + last, ""}, nil
	case GreaterOrEqual:
		return Condition{first + end, ""}, nil
	case Between:
		if second := texts[1]; first+end <= second+end {
			return Condition{first + end, second + end + last}, nil
		}
		return Condition{}, errReversed
	case BeginsWith:
		if len(ix.Sort) == 1 && numeric(ix.Sort[0].Type.Kind) {
			return Condition{}, errBegins
		}
		return Condition{first, first + last}, nil
	default:
		return Condition{first + end, first + end + last}, nil
	}
}

// sortText is a sort value as it stands in keys, without the mark that ends it.
func sortText(ix *schema.Index, parts [][]byte) (string, error) {
	if len(parts) == 0 || len(parts) > len(ix.Sort) {
		return "", fmt.Errorf("a sort value of %d parts where the index has %d sort fields", len(parts), len(ix.Sort))
	}
	var text []byte
	var err error
	if len(ix.Sort) > 1 {
		text, err = appendParts(nil, ix.Sort, parts)
	} else if text, err = appendValue(nil, ix.Sort[0], parts[0]); err == nil {
		text = text[:len(text)-1] // the mark that ends it
	}
	if err == nil && len(text) == 0 {
		err = errEmptySort
	}
	return string(text), err
}
