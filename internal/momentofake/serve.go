package momentofake

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// refusal is an error in the service's form: a status, and the cause in the "err" trailer.
type refusal struct {
	code    codes.Code
	cause   string
	message string
}

func (r *refusal) Error() string { return fmt.Sprintf("%v (%s): %s", r.code, r.cause, r.message) }

func refuse(code codes.Code, cause, format string, args ...any) error {
	return &refusal{code: code, cause: cause, message: fmt.Sprintf(format, args...)}
}

// serve is the life of every call, whatever its method.
func (s *Server) serve(_ any, stream grpc.ServerStream) error {
	err := s.answer(stream)
	if refused, ok := errors.AsType[*refusal](err); ok {
		if refused.cause != "" {
			stream.SetTrailer(metadata.Pairs("err", refused.cause))
		}
		return status.Error(refused.code, refused.message)
	}
	if ctxErr := stream.Context().Err(); ctxErr != nil {
		return status.FromContextError(ctxErr).Err()
	}
	return err
}

func (s *Server) answer(stream grpc.ServerStream) error {
	path, _ := grpc.MethodFromServerStream(stream)
	method, err := find(path)
	if err != nil {
		return err
	}
	in := newMessage(method.Input())
	if err := stream.RecvMsg(in.Message); err != nil {
		return err
	}
	fault := s.begin(string(method.Name()))
	if err := fault.wait(stream.Context()); err != nil {
		return err
	}
	if !fault.Late {
		if err := fault.refusal(); err != nil {
			return err
		}
	}
	answer, err := s.do(stream.Context(), method, in)
	if err != nil {
		return err
	}
	if err := fault.refusal(); err != nil {
		return err
	}
	return stream.SendMsg(answer.Message)
}

// find returns the descriptor of a method by its path, "/package.Service/Method".
func find(path string) (protoreflect.MethodDescriptor, error) {
	name := protoreflect.FullName(strings.ReplaceAll(strings.TrimPrefix(path, "/"), "/", "."))
	descriptor, err := protoregistry.GlobalFiles.FindDescriptorByName(name)
	if err != nil {
		return nil, refuse(codes.Unimplemented, "", "%s: %v", path, err)
	}
	method, ok := descriptor.(protoreflect.MethodDescriptor)
	if !ok {
		return nil, refuse(codes.Unimplemented, "", "%s is no method", path)
	}
	return method, nil
}

// do does a call's work under the lock, so that each is one step, and returns its answer.
func (s *Server) do(ctx context.Context, method protoreflect.MethodDescriptor, in message) (message, error) {
	out := newMessage(method.Output())
	md, _ := metadata.FromIncomingContext(ctx)
	if err := s.authorize(md); err != nil {
		return out, err
	}
	do, ok := methods[method.FullName()]
	if !ok {
		return out, refuse(codes.Unimplemented, "", "%s is not part of this fake", method.FullName())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	cache, err := s.cache(md)
	if err != nil {
		return out, err
	}
	return out, do(s, cache, in, out)
}

func (s *Server) authorize(md metadata.MD) error {
	authorization := md.Get("authorization")
	if len(authorization) != 1 || s.opts.APIKey != "" && authorization[0] != s.opts.APIKey {
		return refuse(codes.Unauthenticated, "", "the authorization metadata holds no valid key")
	}
	return nil
}

// cache returns the cache that the metadata names. The caller holds the lock.
func (s *Server) cache(md metadata.MD) (items, error) {
	names := md.Get("cache")
	if len(names) != 1 || names[0] == "" {
		return nil, refuse(codes.InvalidArgument, "", "the cache metadata holds no name")
	}
	cache, ok := s.caches[names[0]]
	if !ok && len(s.opts.Caches) > 0 {
		return nil, refuse(codes.NotFound, "", "no cache %q", names[0])
	}
	if !ok {
		cache = make(items)
		s.caches[names[0]] = cache
	}
	return cache, nil
}
