package cache

import "github.com/chunkaside/chunkaside/chunker"

// keys are the names in the shared cache: docs/format.md, "Picture".
type keys struct{ prefix string }

func (k keys) pointer() string                  { return k.prefix + "current" }
func (k keys) head() string                     { return k.prefix + "manifest" }
func (k keys) lease() string                    { return k.prefix + "lease" }
func (k keys) asked() string                    { return k.prefix + "asked" }
func (k keys) history(d chunker.Digest) string  { return k.prefix + "h/" + string(d) }
func (k keys) manifest(d chunker.Digest) string { return k.prefix + "m/" + string(d) }
func (k keys) chunk(d chunker.Digest) string    { return k.prefix + "c/" + string(d) }
