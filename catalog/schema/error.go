package schema

import (
	"errors"
	"fmt"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Error is one fault of an SDL file. Load and Parse return all they found, joined (errors.Join).
type Error struct {
	// File, Line and Column say where; Line and Column count from 1 and are 0 where the fault is the file's as a whole.
	File         string
	Line, Column int
	// Problem says what is wrong, Fix what to do about it.
	Problem, Fix string
}

// Error is "file:line:column: problem; fix", without line and column where there are none.
func (e *Error) Error() string {
	text := e.File
	if e.Line > 0 {
		text += fmt.Sprintf(":%d:%d", e.Line, e.Column)
	}
	text += ": " + e.Problem
	if e.Fix != "" {
		text += "; " + e.Fix
	}
	return text
}

// report notes a fault at a place of the file.
func (l *loader) report(at *ast.Position, fix, problem string, args ...any) {
	e := &Error{File: l.file, Problem: fmt.Sprintf(problem, args...), Fix: fix}
	if at != nil {
		e.Line, e.Column = at.Line, at.Column
	}
	l.faults = append(l.faults, e)
}

// reportGraphQL notes a fault that the GraphQL parser or validator found.
func (l *loader) reportGraphQL(err error) {
	e := &Error{File: l.file, Problem: message(err), Fix: "correct the GraphQL at this place"}
	if fault, ok := errors.AsType[*gqlerror.Error](err); ok && len(fault.Locations) > 0 {
		e.Line, e.Column = fault.Locations[0].Line, fault.Locations[0].Column
	}
	l.faults = append(l.faults, e)
}

// message is what a fault of the GraphQL parser or validator says, without its place.
func message(err error) string {
	if fault, ok := errors.AsType[*gqlerror.Error](err); ok {
		return fault.Message
	}
	return err.Error()
}
