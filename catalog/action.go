package catalog

import "fmt"

// Action is what a rule does with what it finds.
type Action uint8

// The actions, with the texts that flags have for them.
const (
	Report Action = iota // "report": it is said, and the version is announced
	Refuse               // "refuse": the version is not announced
	Ignore               // "ignore": it is not looked for
)

func (a Action) String() string {
	switch a {
	case Report:
		return "report"
	case Refuse:
		return "refuse"
	case Ignore:
		return "ignore"
	}
	return fmt.Sprintf("Action(%d)", uint8(a))
}

// UnmarshalText reads what String writes.
func (a *Action) UnmarshalText(text []byte) error {
	for _, known := range []Action{Report, Refuse, Ignore} {
		if known.String() == string(text) {
			*a = known
			return nil
		}
	}
	return fmt.Errorf("%q is no action: give report, refuse or ignore", text)
}
