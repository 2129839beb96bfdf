package resolver

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"

	"github.com/cespare/xxhash/v2"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/chunker"
)

// A nextToken is base64url, without padding, of: one byte 2, the form's number; a nonce of 12 bytes; and encrypted with AES-256-GCM: 32 bytes, the digest of the version that the page is of; eight
// bytes, the xxHash of the list; the key that the page ended with. So nobody reads a key in it that he may not read, and nobody makes one up.
//
// The list is what is read, in which order, and its filter: a token of another one is refused. How many items a page has, and which of their fields, may differ from page to page.
const (
	tokenForm = 2
	tokenHead = sha256.Size + 8
)

// token is a nextToken, opened.
type token struct {
	version chunker.Digest
	list    uint64
	after   string
}

// sealer seals and opens tokens by the secret that the catalog's readers share.
type sealer struct {
	secret string
	aead   cipher.AEAD
	nonces []byte // the key that nonces are made by
}

func newSealer(secret string) *sealer {
	block, err := aes.NewCipher(derive(secret, "encryption"))
	if err != nil {
		panic(err) // the key has the right length
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err) // AES has the right block size
	}
	return &sealer{secret, aead, derive(secret, "nonces")}
}

// derive is a key of its own for each use.
func derive(secret, use string) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = mac.Write([]byte("chunkaside nextToken: " + use))
	return mac.Sum(nil)
}

// seal writes a token. The nonce is made of what is sealed: the same page has the same token, and no nonce is used for two.
func (s *sealer) seal(t token) string {
	plain := make([]byte, 0, tokenHead+len(t.after))
	plain, _ = hex.AppendDecode(plain, []byte(t.version))
	plain = binary.BigEndian.AppendUint64(plain, t.list)
	plain = append(plain, t.after...)
	mac := hmac.New(sha256.New, s.nonces)
	_, _ = mac.Write(plain)
	nonce := mac.Sum(nil)[:s.aead.NonceSize()]
	sealed := append(make([]byte, 0, 1+len(nonce)+len(plain)+s.aead.Overhead()), tokenForm)
	sealed = append(sealed, nonce...)
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(sealed, nonce, plain, nil))
}

// maxToken is the longest text that is looked at: keys are at most 16 KiB.
const maxToken = 32 << 10

// open reads what seal wrote. It is not ok if somebody else did.
func (s *sealer) open(text string) (t token, ok bool) {
	if len(text) > maxToken {
		return t, false
	}
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	head := 1 + s.aead.NonceSize()
	if err != nil || len(sealed) < head || sealed[0] != tokenForm {
		return t, false
	}
	plain, err := s.aead.Open(nil, sealed[1:head], sealed[head:], nil)
	if err != nil || len(plain) <= tokenHead {
		return t, false
	}
	t.version = chunker.Digest(hex.EncodeToString(plain[:sha256.Size]))
	t.list = binary.BigEndian.Uint64(plain[sha256.Size:])
	t.after = string(plain[tokenHead:])
	return t, true
}

// sealer is that of the source's secret as it is now.
func (r *Resolver) sealer() *sealer {
	secret := r.source.TokenKey()
	if s := r.tokens.Load(); s != nil && s.secret == secret {
		return s
	}
	s := newSealer(secret)
	r.tokens.Store(s)
	return s
}

// open opens the tokens of a plan's pages.
func (p *plan) open(s *sealer) error {
	for _, page := range p.continued {
		var ok bool
		if page.token, ok = s.open(page.nextToken); !ok {
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

// listHash tells lists apart. A list of all of a model is in the order of its cluster, which another schema may have changed.
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
	index := r.Index
	if index == nil {
		write("all")
		index = p.model.Cluster
	}
	write(index.Name)
	for _, f := range index.Fields() {
		write(f.Name)
	}
	for _, f := range p.model.Key.Fields() {
		write(f.Name)
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
