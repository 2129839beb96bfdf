package bench

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/vektah/gqlparser/v2/ast"
)

// maxSets is how many sets of variables a query may have: they are held in memory.
const maxSets = 1_000_000

// readSets reads the values of an operation's variables. Without a file there is one set, of nothing.
func readSets(path string, wanted ast.VariableDefinitionList) ([]json.RawMessage, error) {
	if path == "" {
		set, err := pick(nil, wanted)
		if err != nil {
			return nil, fmt.Errorf(`%w: name a file of JSON lines in a comment above it, "# variables: FILE"`, err)
		}
		return []json.RawMessage{set}, nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	sets, err := decodeSets(file, wanted)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return sets, nil
}

func decodeSets(file io.Reader, wanted ast.VariableDefinitionList) (sets []json.RawMessage, err error) {
	for decoder := json.NewDecoder(bufio.NewReaderSize(file, 1<<20)); ; {
		var values map[string]json.RawMessage
		err := decoder.Decode(&values)
		switch {
		case errors.Is(err, io.EOF) && len(sets) == 0:
			return nil, errors.New("it has no values")
		case errors.Is(err, io.EOF):
			return sets, nil
		case err != nil:
			return nil, fmt.Errorf("object %d: %w", len(sets)+1, err)
		case len(sets) == maxSets:
			return nil, fmt.Errorf("it has more than %d objects", maxSets)
		}
		set, err := pick(values, wanted)
		if err != nil {
			return nil, fmt.Errorf("object %d: %w", len(sets)+1, err)
		}
		sets = append(sets, set)
	}
}

// pick makes a set of the values that the operation has variables for.
func pick(values map[string]json.RawMessage, wanted ast.VariableDefinitionList) (json.RawMessage, error) {
	set := map[string]json.RawMessage{}
	for _, variable := range wanted {
		value, ok := values[variable.Variable]
		if ok {
			set[variable.Variable] = value
		}
		if (!ok || string(value) == "null") && variable.Type.NonNull && variable.DefaultValue == nil {
			return nil, fmt.Errorf("no value for $%s", variable.Variable)
		}
	}
	return json.Marshal(set)
}
