package momentofake

import (
	"bytes"
	"crypto/sha256"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// maxTTL is the service's on-demand limit.
const maxTTL = 24 * time.Hour

// scsMethods answer one request on one cache, under the server's lock. The batches have the requests of their single calls.
var scsMethods = map[protoreflect.FullName]func(s *Server, cache items, in, out message) error{
	"cache_client.Scs.Get":         get,
	"cache_client.Scs.GetBatch":    get,
	"cache_client.Scs.GetWithHash": getWithHash,
	"cache_client.Scs.Set":         set,
	"cache_client.Scs.SetBatch":    set,
	"cache_client.Scs.SetIf":       setIf,
	"cache_client.Scs.SetIfHash":   setIfHash,
	"cache_client.Scs.Delete":      remove,
	"cache_client.Scs.KeysExist":   keysExist,
	"cache_client.Scs.UpdateTtl":   updateTTL,
	"cache_client.Scs.ItemGetTtl":  itemGetTTL,
}

func get(s *Server, cache items, in, out message) error {
	item, ok := cache.living(string(in.bytes("cache_key")), s.now())
	if !ok {
		out.setEnum("result", "Miss")
		return nil
	}
	out.setEnum("result", "Hit")
	out.setBytes("cache_body", item.value)
	return nil
}

func getWithHash(s *Server, cache items, in, out message) error {
	item, ok := cache.living(string(in.bytes("cache_key")), s.now())
	if !ok {
		out.inner("missing")
		return nil
	}
	found := out.inner("found")
	found.setBytes("value", item.value)
	found.setBytes("hash", hash(item.value))
	return nil
}

func set(s *Server, cache items, in, out message) error {
	if err := s.store(cache, in); err != nil {
		return err
	}
	out.setEnum("result", "Ok")
	return nil
}

func setIf(s *Server, cache items, in, out message) error {
	item, present := cache.living(string(in.bytes("cache_key")), s.now())
	condition := in.chosen("condition")
	equal := func() bool { return bytes.Equal(item.value, in.inner(condition).bytes("value_to_check")) }
	var holds bool
	switch condition {
	case "present":
		holds = present
	case "absent":
		holds = !present
	case "equal":
		holds = present && equal()
	case "absent_or_equal":
		holds = !present || equal()
	case "present_and_not_equal":
		holds = present && !equal()
	case "not_equal":
		holds = !present || !equal()
	default:
		return refuse(codes.InvalidArgument, "", "SetIf without a condition")
	}
	if !holds {
		out.inner("not_stored")
		return nil
	}
	out.inner("stored")
	return s.store(cache, in)
}

func setIfHash(s *Server, cache items, in, out message) error {
	item, present := cache.living(string(in.bytes("cache_key")), s.now())
	condition := in.chosen("condition")
	equal := func() bool { return bytes.Equal(hash(item.value), in.inner(condition).bytes("hash_to_check")) }
	var holds bool
	switch condition {
	case "unconditional":
		holds = true
	case "present_and_hash_equal":
		holds = present && equal()
	case "absent_or_hash_equal":
		holds = !present || equal()
	case "present_and_not_hash_equal":
		holds = present && !equal()
	case "absent_or_not_hash_equal":
		holds = !present || !equal()
	default:
		return refuse(codes.InvalidArgument, "", "SetIfHash without a condition")
	}
	if !holds {
		out.inner("not_stored")
		return nil
	}
	out.inner("stored").setBytes("new_hash", hash(in.bytes("cache_body")))
	return s.store(cache, in)
}

func remove(_ *Server, cache items, in, _ message) error {
	delete(cache, string(in.bytes("cache_key")))
	return nil
}

func keysExist(s *Server, cache items, in, out message) error {
	keys := in.Get(in.field("cache_keys")).List()
	exists := out.Mutable(out.field("exists")).List()
	for i := range keys.Len() {
		_, ok := cache.living(string(keys.Get(i).Bytes()), s.now())
		exists.Append(protoreflect.ValueOfBool(ok))
	}
	return nil
}

func updateTTL(s *Server, cache items, in, out message) error {
	key := string(in.bytes("cache_key"))
	item, ok := cache.living(key, s.now())
	if !ok {
		out.inner("missing")
		return nil
	}
	update := in.chosen("update_ttl")
	if update == "" {
		return refuse(codes.InvalidArgument, "", "UpdateTtl without a TTL")
	}
	expires, err := s.expiry(in.uint(update))
	if err != nil {
		return err
	}
	switch later := expires.After(item.expires); {
	case update == "increase_to_milliseconds" && !later, update == "decrease_to_milliseconds" && later:
		out.inner("not_set")
		return nil
	}
	item.expires = expires
	cache[key] = item
	out.inner("set")
	return nil
}

func itemGetTTL(s *Server, cache items, in, out message) error {
	item, ok := cache.living(string(in.bytes("cache_key")), s.now())
	if !ok {
		out.inner("missing")
		return nil
	}
	out.inner("found").setUint("remaining_ttl_millis", uint64(item.expires.Sub(s.now()).Milliseconds()))
	return nil
}

// store keeps the item of a request that has cache_key, cache_body and ttl_milliseconds.
func (s *Server) store(cache items, in message) error {
	key, value := in.bytes("cache_key"), in.bytes("cache_body")
	if len(key) == 0 {
		return refuse(codes.InvalidArgument, "", "the key is empty")
	}
	if size := len(key) + len(value); size > s.opts.MaxItemSize {
		return refuse(codes.ResourceExhausted, "item_size_limit_exceeded", "item size of %d bytes, the limit is %d", size, s.opts.MaxItemSize)
	}
	expires, err := s.expiry(in.uint("ttl_milliseconds"))
	if err != nil {
		return err
	}
	cache[string(key)] = item{value: value, expires: expires}
	return nil
}

// expiry returns when a TTL that starts now ends.
func (s *Server) expiry(milliseconds uint64) (time.Time, error) {
	if milliseconds == 0 || milliseconds > uint64(maxTTL/time.Millisecond) {
		return time.Time{}, refuse(codes.InvalidArgument, "", "TTL of %d ms, it must be 1 to %d", milliseconds, maxTTL/time.Millisecond)
	}
	return s.now().Add(time.Duration(milliseconds) * time.Millisecond), nil
}

// hash stands for the service's, which is opaque to callers.
func hash(value []byte) []byte {
	sum := sha256.Sum256(value)
	return sum[:16]
}
