package momentofake

import (
	"maps"
	"slices"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// controlMethods need no cache in their metadata. They run under the server's lock.
var controlMethods = map[protoreflect.FullName]func(s *Server, in, out message) error{
	"cache_client.Ping.Ping":                ping,
	"control_client.ScsControl.CreateCache": createCache,
	"control_client.ScsControl.DeleteCache": deleteCache,
	"control_client.ScsControl.FlushCache":  flushCache,
	"control_client.ScsControl.ListCaches":  listCaches,
}

func ping(*Server, message, message) error { return nil }

func createCache(s *Server, in, _ message) error {
	name := in.cacheName()
	if _, ok := s.caches[name]; ok {
		return refuse(codes.AlreadyExists, "", "cache %q exists", name)
	}
	s.caches[name] = make(items)
	return nil
}

func deleteCache(s *Server, in, _ message) error {
	name := in.cacheName()
	if _, ok := s.caches[name]; !ok {
		return refuse(codes.NotFound, "", "no cache %q", name)
	}
	delete(s.caches, name)
	return nil
}

func flushCache(s *Server, in, _ message) error {
	cache, ok := s.caches[in.cacheName()]
	if !ok {
		return refuse(codes.NotFound, "", "no cache %q", in.cacheName())
	}
	clear(cache)
	return nil
}

func listCaches(s *Server, _, out message) error {
	for _, name := range slices.Sorted(maps.Keys(s.caches)) {
		out.add("cache").setCacheName(name)
	}
	return nil
}
