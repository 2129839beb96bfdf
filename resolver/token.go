package resolver

import (
	"encoding/base64"
	"encoding/binary"

	"github.com/cespare/xxhash/v2"

	"github.com/chunkaside/chunkaside/catalog"
)

// A nextToken is base64url, without padding, of: one byte 1, the form's number; eight bytes, the xxHash of the list's shape and the key; the key that
// the page ended with. The shape is what the list reads, in which direction, and its filter. The hash binds the token to the list that gave it and finds damage; it is no signature.
const (
	tokenForm = 1
	tokenHead = 1 + 8
)

// encodeToken is the nextToken of a page of this range.
func encodeToken(p *manyPlan, r catalog.Range, key string) string {
	data := make([]byte, tokenHead, tokenHead+len(key))
	data[0] = tokenForm
	binary.BigEndian.PutUint64(data[1:], tokenHash(p, r, key))
	return base64.RawURLEncoding.EncodeToString(append(data, key...))
}

// decodeToken is the key in the plan's token, or an error if another list gave it.
func decodeToken(p *manyPlan, r catalog.Range) (string, error) {
	data, err := base64.RawURLEncoding.DecodeString(p.token)
	if err != nil || len(data) <= tokenHead || data[0] != tokenForm {
		return "", failf(BadNextToken, "%s: the nextToken is not one of this API's: start again without it", p.field)
	}
	key := string(data[tokenHead:])
	if binary.BigEndian.Uint64(data[1:]) != tokenHash(p, r, key) {
		return "", failf(BadNextToken, "%s: the nextToken is damaged or belongs to another list: start again without it", p.field)
	}
	return key, nil
}

func tokenHash(p *manyPlan, r catalog.Range, key string) uint64 {
	var h xxhash.Digest
	h.Reset()
	index, direction, filter := "\x00list", "ascending", ""
	if r.Index != nil {
		index = r.Index.Name
	}
	if r.Descending {
		direction = "descending"
	}
	if p.filter != nil {
		filter = p.filter.text
	}
	for _, part := range []string{p.model.Name, index, direction, r.Prefix, r.Condition.From, r.Condition.To, filter, key} {
		var length [8]byte // so that no two lists of parts read alike
		binary.BigEndian.PutUint64(length[:], uint64(len(part)))
		_, _ = h.Write(length[:])
		_, _ = h.WriteString(part)
	}
	return h.Sum64()
}
