package resolver

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"

	"github.com/cespare/xxhash/v2"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/chunker"
)

// A nextToken is base64url, without padding, of: one byte 2, the form's number; 32 bytes, the digest of the version that the page is of; eight bytes, the xxHash of the list; the key that the
// page ended with; 16 bytes, the beginning of the HMAC-SHA256 of all that, by the key that the catalog's readers share.
//
// The list is what is read, in which direction, and its filter: a token of another one is refused. How many items a page has, and which of their fields, may differ from page to page.
const (
	tokenForm = 2
	tokenHead = 1 + sha256.Size + 8
	tokenTag  = 16
)

// token is a nextToken, opened.
type token struct {
	version chunker.Digest
	list    uint64
	after   string
}

// seal writes a token.
func (t token) seal(key string) string {
	data := make([]byte, 1, tokenHead+len(t.after)+sha256.Size)
	data[0] = tokenForm
	data, _ = hex.AppendDecode(data, []byte(t.version))
	data = binary.BigEndian.AppendUint64(data, t.list)
	data = append(data, t.after...)
	return base64.RawURLEncoding.EncodeToString(tag(data, key)[:len(data)+tokenTag])
}

// tag appends the HMAC of data to it.
func tag(data []byte, key string) []byte {
	mac := hmac.New(sha256.New, []byte(key))
	_, _ = mac.Write(data)
	return mac.Sum(data)
}

// maxToken is the longest text that is looked at: keys are at most 16 KiB.
const maxToken = 32 << 10

// openToken reads what seal wrote. It is not ok if somebody else did.
func openToken(text, key string) (t token, ok bool) {
	if len(text) > maxToken {
		return t, false
	}
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	n := len(sealed) - tokenTag
	if err != nil || n <= tokenHead || sealed[0] != tokenForm || !hmac.Equal(tag(sealed[:n:n], key)[n:n+tokenTag], sealed[n:]) {
		return t, false
	}
	t.version = chunker.Digest(hex.EncodeToString(sealed[1 : 1+sha256.Size]))
	t.list = binary.BigEndian.Uint64(sealed[1+sha256.Size:])
	t.after = string(sealed[tokenHead:n])
	return t, true
}

// open opens the tokens of a plan's pages.
func (p *plan) open(key string) error {
	for _, page := range p.continued {
		var ok bool
		if page.token, ok = openToken(page.nextToken, key); !ok {
			return failf(BadNextToken, "%s: the nextToken is not one of this API's, or is damaged: start again without it", page.field)
		}
	}
	return nil
}

// version is the one that the plan's first page is to go on with, "" where none goes on. Pages after that go on in the same version, behind their last key, for an answer is of one version.
func (p *plan) version() chunker.Digest {
	if len(p.continued) == 0 {
		return ""
	}
	return p.continued[0].token.version
}

// listHash tells lists apart.
func listHash(p *manyPlan, r catalog.Range) uint64 {
	var h xxhash.Digest
	h.Reset()
	write := func(part string) {
		var length [8]byte // so that no two lists of parts read alike
		binary.BigEndian.PutUint64(length[:], uint64(len(part)))
		_, _ = h.Write(length[:])
		_, _ = h.WriteString(part)
	}
	write(p.model.Name)
	if r.Index != nil {
		write(r.Index.Name)
		for _, f := range r.Index.Fields() {
			write(f.Name)
		}
	}
	direction, filter := "ascending", ""
	if r.Descending {
		direction = "descending"
	}
	if p.filter != nil {
		filter = p.filter.text
	}
	for _, part := range []string{direction, r.Prefix, r.Condition.From, r.Condition.To, filter} {
		write(part)
	}
	return h.Sum64()
}
