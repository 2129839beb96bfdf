package settings

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
)

// Policy is what an operator may change while functions run. What is not in its document, nil here, is as it was deployed.
type Policy struct {
	MaxAge      *Duration `json:"maxAge"`
	MaxStale    *Duration `json:"maxStale"`
	SoftTimeout *Duration `json:"softTimeout"`
	HardTimeout *Duration `json:"hardTimeout"`
	// AnswerBytes is the most that an answer may have.
	AnswerBytes *int `json:"answerBytes"`
	MaxEntities *int `json:"maxEntities"`
	MaxDepth    *int `json:"maxDepth"`
	// BypassCache answers from the store alone.
	BypassCache bool `json:"bypassCache"`
}

// Duration is a time such as "1.5s".
type Duration time.Duration

// UnmarshalText reads a time that is not 0 and no longer than a year.
func (d *Duration) UnmarshalText(text []byte) error {
	const year = 365 * 24 * time.Hour
	value, err := time.ParseDuration(string(text))
	if err != nil || value <= 0 || value > year {
		return errors.New(`it must be a time such as "1.5s", more than 0 and at most a year`)
	}
	*d = Duration(value)
	return nil
}

// ParsePolicy reads a document: a JSON object with no other members than those of Policy, each of its type and more than 0. The error names the first that is not so.
func ParsePolicy(document []byte) (Policy, error) {
	var p Policy
	if err := json.Unmarshal(document, &p, json.RejectUnknownMembers(true)); err != nil {
		return Policy{}, misread(err)
	}
	for name, value := range map[string]*int{"answerBytes": p.AnswerBytes, "maxEntities": p.MaxEntities, "maxDepth": p.MaxDepth} {
		if value != nil && *value <= 0 {
			return Policy{}, fmt.Errorf("its member %s: it must be more than 0", name)
		}
	}
	return p, nil
}

// misread says what is wrong with a document in its own terms: Go's types mean nothing to an operator.
func misread(err error) error {
	wrong, ok := errors.AsType[*json.SemanticError](err)
	if !ok {
		return errors.New("it is no JSON")
	}
	name := strings.TrimPrefix(string(wrong.JSONPointer), "/")
	switch {
	case name == "":
		return errors.New("it is no JSON object")
	case errors.Is(wrong.Err, json.ErrUnknownName):
		return fmt.Errorf("its member %.60q is not known", name)
	case wrong.JSONKind == '"' && wrong.Err != nil:
		return fmt.Errorf("its member %s: %w", name, wrong.Err)
	}
	return fmt.Errorf("its member %.60q is of a wrong type", name)
}
