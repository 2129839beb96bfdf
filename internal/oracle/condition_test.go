package oracle

import (
	"strings"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/internal/oracle/plain"
)

// sortHolds says whether a record's sort value meets a key condition: the argument's one operator with an operand.
func sortHolds(ix *schema.Index, condition map[string]any, r record) bool {
	have := r.sort(ix)
	for operator, operand := range condition {
		if operand == nil {
			continue
		}
		switch operator {
		case "between":
			ends := operand.([]any)
			if !plain.Compares("ge", have, sortOperand(ix, ends[0])) || !plain.Compares("le", have, sortOperand(ix, ends[1])) {
				return false
			}
		case "beginsWith":
			if !strings.HasPrefix(have.(string), sortOperand(ix, operand).(string)) {
				return false
			}
		default:
			if !plain.Compares(operator, have, sortOperand(ix, operand)) {
				return false
			}
		}
	}
	return true
}

// sortOperand is what a sort value is compared with: of several sort fields the joined text of the leading ones.
func sortOperand(ix *schema.Index, operand any) any {
	if len(ix.Sort) == 1 {
		return plain.Scalar(&ix.Sort[0].Type, operand)
	}
	var parts []any
	for _, f := range ix.Sort {
		if part := operand.(map[string]any)[f.Name]; part != nil {
			parts = append(parts, plain.Scalar(&f.Type, part))
		}
	}
	return joined(parts)
}
