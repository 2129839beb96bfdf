package appsync

import "github.com/go-json-experiment/json/jsontext"

// list and object write JSON from values that are JSON already.
type (
	list   struct{ text jsontext.Value }
	object struct{ text jsontext.Value }
)

func newList() *list     { return &list{jsontext.Value("[")} }
func newObject() *object { return &object{jsontext.Value("{")} }

func (l *list) add(value jsontext.Value) {
	l.text = append(separate(l.text), value...)
}

func (l *list) end() jsontext.Value { return append(l.text, ']') }

func (o *object) set(name string, value jsontext.Value) {
	o.text = append(appendName(o.text, name), value...)
}

func (o *object) end() jsontext.Value { return append(o.text, '}') }

// separate appends the comma that a further element or member needs.
func separate(dst []byte) []byte {
	if last := dst[len(dst)-1]; last != '[' && last != '{' {
		dst = append(dst, ',')
	}
	return dst
}

// appendName appends a member's name to an object that is being written.
func appendName(dst []byte, name string) []byte {
	return append(appendQuoted(separate(dst), name), ':')
}
