package chunker

import (
	"crypto/sha256"
	"encoding/hex"
)

// Digest names stored bytes: their SHA-256 in 64 lower-case hex digits.
type Digest string

// DigestOf is the digest of these bytes.
func DigestOf(data []byte) Digest {
	sum := sha256.Sum256(data)
	return Digest(hex.EncodeToString(sum[:]))
}

// Valid says whether d has the form of a digest.
func (d Digest) Valid() bool {
	if len(d) != 2*sha256.Size {
		return false
	}
	for _, c := range []byte(d) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// Short is the first 12 digits, for people.
func (d Digest) Short() string {
	return string(d[:min(12, len(d))])
}

// Verify holds bytes that came from a cache against the limits and the digest that they were asked for by. part names them in the error, which
// is a DamageError.
func Verify(part string, data []byte, want Digest) error {
	if len(data) > MaxChunk {
		return &DamageError{Part: part, Digest: want, Reason: "it is larger than any"}
	}
	if DigestOf(data) != want {
		return &DamageError{Part: part, Digest: want, Reason: "its bytes do not have its digest"}
	}
	return nil
}
