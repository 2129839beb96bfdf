package appsync

import (
	_ "embed"
	"net/http"
)

//go:embed page.html
var page []byte

// servePage is a place to type a query into. It loads nothing from elsewhere.
func servePage(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(page) // the client is gone: there is nobody to tell
}
