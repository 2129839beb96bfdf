package momentofake

import (
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
)

// message reads and writes a message's fields by the names they have in the protocol. A wrong name panics: it is a mistake in
// this package, and the first test that comes by finds it.
type message struct{ *dynamicpb.Message }

func newMessage(descriptor protoreflect.MessageDescriptor) message {
	return message{dynamicpb.NewMessage(descriptor)}
}

func (m message) field(name string) protoreflect.FieldDescriptor {
	field := m.Descriptor().Fields().ByName(protoreflect.Name(name))
	if field == nil {
		panic("momentofake: no field " + name + " in " + string(m.Descriptor().FullName()))
	}
	return field
}

func (m message) bytes(name string) []byte { return m.Get(m.field(name)).Bytes() }
func (m message) uint(name string) uint64  { return m.Get(m.field(name)).Uint() }

func (m message) setBytes(name string, v []byte) { m.Set(m.field(name), protoreflect.ValueOfBytes(v)) }

// setEnum sets an enum field to the value of that name.
func (m message) setEnum(name, value string) {
	field := m.field(name)
	m.Set(field, protoreflect.ValueOfEnum(field.Enum().Values().ByName(protoreflect.Name(value)).Number()))
}

// inner returns the message in a field, made if it was not set: in a oneof that alone chooses it.
func (m message) inner(name string) message {
	return message{m.Mutable(m.field(name)).Message().Interface().(*dynamicpb.Message)}
}

// chosen returns the name of the field that is set in a oneof, empty if none is.
func (m message) chosen(oneof string) string {
	field := m.WhichOneof(m.Descriptor().Oneofs().ByName(protoreflect.Name(oneof)))
	if field == nil {
		return ""
	}
	return string(field.Name())
}
