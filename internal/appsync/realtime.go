package appsync

import (
	"context"
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/coder/websocket"
	"github.com/go-json-experiment/json/jsontext"
)

// subprotocol is the one that AppSync speaks on its real-time endpoint.
const subprotocol = "graphql-ws"

// serveRealtime is GET /graphql/realtime, AppSync's real-time endpoint: a WebSocket on which a client subscribes. Pages of any origin may, as they may read the answers of POST /graphql: nobody's word is
// verified here, and no cookie is.
func (s *server) serveRealtime(w http.ResponseWriter, r *http.Request) {
	ctx, end := context.WithCancelCause(r.Context())
	defer end(nil)
	one := &connection{server: s, end: end, frames: make(chan []byte, maxQueue), subscriptions: map[string]*subscription{}}
	if !s.options.Announcements.join(one) {
		(&httpFault{http.StatusTooManyRequests, "LimitExceededException", "Too many clients are connected."}).write(w)
		return
	}
	defer s.options.Announcements.leave(one)
	socket, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{subprotocol}, InsecureSkipVerify: true})
	if err != nil {
		return // the client has been told
	}
	defer func() { _ = socket.CloseNow() }() // if it is not closed already
	socket.SetReadLimit(maxPayload)
	one.socket = socket
	if refused := handshake(r, socket.Subprotocol()); refused != nil {
		one.refuse(ctx, refused)
		return
	}
	one.serve(ctx)
}

// handshake looks at what a client sends with its request: the subprotocol, and, as an object in base64, the headers that it would send with a query, either as a parameter of the address or as a further
// subprotocol. What they say is not verified.
func handshake(r *http.Request, agreed string) *httpFault {
	if agreed != subprotocol {
		return &httpFault{http.StatusBadRequest, "NoProtocolError", "NoProtocolError"}
	}
	text := r.URL.Query().Get("header")
	for list := range strings.SplitSeq(strings.Join(r.Header.Values("Sec-Websocket-Protocol"), ","), ",") {
		if header, ok := strings.CutPrefix(strings.TrimSpace(list), "header-"); ok {
			text = header
		}
	}
	header := jsontext.Value(fromBase64(text))
	if check(header) != nil || header.Kind() != '{' {
		return &httpFault{http.StatusUnauthorized, "UnauthorizedException", "Required headers are missing: header is to be a JSON object in base64."}
	}
	return nil
}

// fromBase64 reads either alphabet, padded or not, also where a plus in an address became a blank: AppSync's own clients do not escape it. nil is what cannot be read.
func fromBase64(text string) []byte {
	text = strings.NewReplacer("-", "+", "_", "/", " ", "+").Replace(strings.TrimRight(text, "="))
	data, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return nil
	}
	return data
}
