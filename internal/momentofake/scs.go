package momentofake

import (
	"bytes"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// maxTTL is the service's on-demand limit.
const maxTTL = 24 * time.Hour

// methods are those that cache/momentocache sends. They answer one request on one cache, under the server's lock.
var methods = map[protoreflect.FullName]func(s *Server, cache items, in, out message) error{
	"cache_client.Scs.Get":       get,
	"cache_client.Scs.Set":       set,
	"cache_client.Scs.SetIf":     setIf,
	"cache_client.Scs.Delete":    remove,
	"cache_client.Scs.UpdateTtl": updateTTL,
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

func set(s *Server, cache items, in, out message) error {
	if err := s.store(cache, in); err != nil {
		return err
	}
	out.setEnum("result", "Ok")
	return nil
}

func setIf(s *Server, cache items, in, out message) error {
	item, present := cache.living(string(in.bytes("cache_key")), s.now())
	var holds bool
	switch condition := in.chosen("condition"); condition {
	case "absent":
		holds = !present
	case "equal":
		holds = present && bytes.Equal(item.value, in.inner(condition).bytes("value_to_check"))
	default:
		return refuse(codes.Unimplemented, "", "SetIf with the condition %q is not part of this fake", condition)
	}
	if !holds {
		out.inner("not_stored")
		return nil
	}
	out.inner("stored")
	return s.store(cache, in)
}

func remove(_ *Server, cache items, in, _ message) error {
	delete(cache, string(in.bytes("cache_key")))
	return nil
}

func updateTTL(s *Server, cache items, in, out message) error {
	key := string(in.bytes("cache_key"))
	item, ok := cache.living(key, s.now())
	if !ok {
		out.inner("missing")
		return nil
	}
	const overwrite = "overwrite_to_milliseconds"
	if update := in.chosen("update_ttl"); update != overwrite {
		return refuse(codes.Unimplemented, "", "UpdateTtl with %q is not part of this fake", update)
	}
	expires, err := s.expiry(in.uint(overwrite))
	if err != nil {
		return err
	}
	item.expires = expires
	cache[key] = item
	out.inner("set")
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
