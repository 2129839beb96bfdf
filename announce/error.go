package announce

import (
	"errors"
	"fmt"
	"strings"
)

// ErrRefused: the API does not take the announcement. Trying again does not help; the error says what may.
var ErrRefused = errors.New("the API refuses")

func refusedf(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrRefused, fmt.Sprintf(format, args...))
}

// kind is the first error's type, to follow a status.
func (a answered) kind() string {
	if len(a.Errors) == 0 || a.Errors[0].Type == "" {
		return ""
	}
	return " (" + bounded(a.Errors[0].Type) + ")"
}

// bounded is as much of a foreign text as one line of a log should have of it.
func bounded(text string) string {
	const most = 300
	text = strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	for i := range text {
		if i > most {
			return text[:i] + "..."
		}
	}
	return text
}
