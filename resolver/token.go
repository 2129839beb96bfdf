package resolver

import (
	"encoding/base64"
	"encoding/binary"

	"github.com/cespare/xxhash/v2"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
)

// A nextToken is base64url, without padding, of: one byte 1, the form's number; eight bytes, the xxHash of the list's shape and the key; the key that
// the page ended with. Its hash binds it to the list that gave it and finds damage; it is no signature.
const (
	tokenForm = 1
	tokenHead = 1 + 8
)

// encodeToken is the nextToken of a page of this range.
func encodeToken(m *schema.Model, r catalog.Range, key string) string {
	data := make([]byte, tokenHead, tokenHead+len(key))
	data[0] = tokenForm
	binary.BigEndian.PutUint64(data[1:], tokenHash(m, r, key))
	return base64.RawURLEncoding.EncodeToString(append(data, key...))
}

// decodeToken is the key in a nextToken, or an error if another list gave it.
func decodeToken(m *schema.Model, r catalog.Range, token, field string) (string, error) {
	data, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(data) <= tokenHead || data[0] != tokenForm {
		return "", failf(BadNextToken, "%s: the nextToken is not one of this API's: start again without it", field)
	}
	key := string(data[tokenHead:])
	if binary.BigEndian.Uint64(data[1:]) != tokenHash(m, r, key) {
		return "", failf(BadNextToken, "%s: the nextToken is damaged or belongs to another list: start again without it", field)
	}
	return key, nil
}

func tokenHash(m *schema.Model, r catalog.Range, key string) uint64 {
	var h xxhash.Digest
	h.Reset()
	index, direction := "\x00list", "ascending"
	if r.Index != nil {
		index = r.Index.Name
	}
	if r.Descending {
		direction = "descending"
	}
	for _, part := range []string{m.Name, index, direction, r.Prefix, key} {
		_, _ = h.WriteString(part)
		_, _ = h.Write([]byte{0xff}) // in no UTF-8 text
	}
	return h.Sum64()
}
