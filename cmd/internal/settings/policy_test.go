package settings

import (
	"strings"
	"testing"
	"time"
)

func TestPolicy(t *testing.T) {
	p, err := ParsePolicy([]byte(`{"maxAge":"1.5s","maxStale":"24h","softTimeout":"200ms","hardTimeout":"20s","answerBytes":4000000,"maxEntities":1000,"maxDepth":9,"bypassCache":true}`))
	if err != nil {
		t.Fatal(err)
	}
	for name, pair := range map[string][2]time.Duration{
		"maxAge": {time.Duration(*p.MaxAge), 1500 * time.Millisecond}, "maxStale": {time.Duration(*p.MaxStale), 24 * time.Hour},
		"softTimeout": {time.Duration(*p.SoftTimeout), 200 * time.Millisecond}, "hardTimeout": {time.Duration(*p.HardTimeout), 20 * time.Second},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s is %v, want %v", name, pair[0], pair[1])
		}
	}
	if *p.AnswerBytes != 4_000_000 || *p.MaxEntities != 1000 || *p.MaxDepth != 9 || !p.BypassCache {
		t.Errorf("%+v", p)
	}
	for _, empty := range []string{"{}", " {}\n", "null", `{"maxAge":null,"bypassCache":false}`} {
		if p, err := ParsePolicy([]byte(empty)); p != (Policy{}) || err != nil {
			t.Errorf("ParsePolicy(%s) = %+v, %v", empty, p, err)
		}
	}
}

// TestBadPolicies are refused as a whole, and the member is named.
func TestBadPolicies(t *testing.T) {
	for document, want := range map[string]string{
		"":                                     "no JSON",
		"maxAge: 1s":                           "no JSON",
		"[]":                                   "no JSON object",
		`"maxAge"`:                             "no JSON object",
		`{"maxAge":"1s"}{}`:                    "no JSON",
		`{"maxAge":"1s","maxAge":"2s"}`:        "no JSON",
		`{"maxage":"1s"}`:                      `"maxage" is not known`,
		`{"maxAge":"1s","ttl":"1s"}`:           `"ttl" is not known`,
		`{"maxAge":1}`:                         `"maxAge" is of a wrong type`,
		`{"maxAge":"1"}`:                       "maxAge: it must be a time",
		`{"maxAge":"0s"}`:                      "maxAge: it must be a time",
		`{"maxAge":"-1s"}`:                     "maxAge: it must be a time",
		`{"maxStale":"9000h"}`:                 "maxStale: it must be a time",
		`{"maxEntities":"many"}`:               `"maxEntities" is of a wrong type`,
		`{"maxEntities":1.5}`:                  `"maxEntities" is of a wrong type`,
		`{"maxEntities":99999999999999999999}`: `"maxEntities" is of a wrong type`,
		`{"maxEntities":0}`:                    "maxEntities: it must be more than 0",
		`{"maxDepth":-1}`:                      "maxDepth: it must be more than 0",
		`{"answerBytes":0}`:                    "answerBytes: it must be more than 0",
		`{"bypassCache":"true"}`:               `"bypassCache" is of a wrong type`,
		`{"` + strings.Repeat("x", 1000) + `":1}`: "is not known",
	} {
		p, err := ParsePolicy([]byte(document))
		if err == nil || !strings.Contains(err.Error(), want) || p != (Policy{}) || len(err.Error()) > 150 {
			t.Errorf("ParsePolicy(%.40s) = %+v, %v, want %q", document, p, err, want)
		}
	}
}
