package settings

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// Source names where a policy's document is read.
type Source struct {
	address string
	read    func(context.Context, *Extension) ([]byte, error)
}

// ParseSource reads an address: "appconfig:APPLICATION/ENVIRONMENT/PROFILE" of AppConfig, "ssm:NAME" of Parameter Store, or "file:PATH".
func ParseSource(address string) (Source, error) {
	s := Source{address: address}
	scheme, rest, _ := strings.Cut(address, ":")
	parts := strings.Split(rest, "/")
	switch {
	case scheme == "appconfig" && len(parts) == 3 && parts[0] != "" && parts[1] != "" && parts[2] != "":
		s.read = func(ctx context.Context, x *Extension) ([]byte, error) {
			return x.configuration(ctx, parts[0], parts[1], parts[2])
		}
	case scheme == "ssm" && rest != "":
		s.read = func(ctx context.Context, x *Extension) ([]byte, error) {
			value, err := x.parameter(ctx, rest)
			return []byte(value), err
		}
	case scheme == "file" && rest != "":
		s.read = func(context.Context, *Extension) ([]byte, error) { return readFile(rest) }
	default:
		return s, fmt.Errorf("%q is no policy: use appconfig:APPLICATION/ENVIRONMENT/PROFILE, ssm:NAME or file:PATH", address)
	}
	return s, nil
}

// String is the source's address.
func (s Source) String() string { return s.address }

// maxDocument is the most bytes of a policy; AppConfig and Parameter Store have 64 KB at most, and it needs less than one.
const maxDocument = 64 << 10

// Read is the document. The error matches ErrMissing if there is none.
func (s Source) Read(ctx context.Context, x *Extension) ([]byte, error) {
	document, err := s.read(ctx, x)
	if err == nil && len(document) > maxDocument {
		err = fmt.Errorf("it has more than %d bytes", maxDocument)
	}
	if err != nil {
		return nil, fmt.Errorf("the policy %s: %w", s.address, err)
	}
	return document, nil
}

func readFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrMissing
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, maxDocument+1))
}
