package settings

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
)

func TestSecretAddresses(t *testing.T) {
	for address, want := range map[string]Secret{
		"catalog/momento": {name: "catalog/momento"},
		"arn:aws:secretsmanager:eu-west-1:1:secret:a-x#apiKey": {name: "arn:aws:secretsmanager:eu-west-1:1:secret:a-x", field: "apiKey"},
		"ssm:/catalog/key":   {name: "/catalog/key", isParameter: true},
		"ssm:/catalog/key#a": {name: "/catalog/key", isParameter: true, field: "a"},
	} {
		want.address = address
		if s, err := ParseSecret(address); s != want || err != nil || s.String() != address {
			t.Errorf("ParseSecret(%q) = %+v, %v", address, s, err)
		}
	}
	for _, address := range []string{"", "ssm:", "#a", "name#", "na me", "näme", "name\n"} {
		if s, err := ParseSecret(address); err == nil {
			t.Errorf("ParseSecret(%q) = %+v", address, s)
		}
	}
}

func TestSecretValues(t *testing.T) {
	e := startExtensions(t)
	for _, c := range []struct{ address, stored, want, fault string }{
		{"name", "key", "key", ""},
		{"name", " key\n", "key", ""},
		{"name#a", `{"a":"key","b":1}`, "key", ""},
		{"name", `{"a":"canary"}`, "", "#FIELD"},
		{"name#b", `{"a":"canary"}`, "", "field b"},
		{"name#a", `{"a":{"canary":1}}`, "", "field a"},
		{"name#a", "canary", "", "no JSON"},
		{"name#a", `{"a":"","canary":1}`, "", "empty"},
		{"name#a", `{"a":null,"canary":1}`, "", "empty"},
		{"name", "", "", "empty"},
		{"name", "canary canary", "", "blank"},
		{"name", strings.Repeat("canary", 2000), "", "more than"},
	} {
		s, err := ParseSecret(c.address)
		if err != nil {
			t.Fatal(err)
		}
		stored, _ := json.Marshal(c.stored)
		e.set(http.StatusOK, `{"SecretString":`+string(stored)+`}`)
		value, err := s.Read(t.Context(), e.client())
		if value != c.want || (err != nil) != (c.fault != "") {
			t.Errorf("Read(%s) of %.20q = %q, %v", c.address, c.stored, value, err)
		}
		if err != nil && (!strings.Contains(err.Error(), c.fault) || !strings.Contains(err.Error(), c.address) || strings.Contains(err.Error(), "canary")) {
			t.Errorf("Read(%s) of %.20q = %v, want an error with %q and without the value", c.address, c.stored, err, c.fault)
		}
	}
	e.set(http.StatusOK, `{"Parameter":{"Value":"key"}}`)
	if s, _ := ParseSecret("ssm:/a"); s.address != "" {
		if value, err := s.Read(t.Context(), e.client()); value != "key" || err != nil {
			t.Errorf("Read(%s) = %q, %v", s, value, err)
		}
	}
	e.set(http.StatusBadRequest, "ResourceNotFoundException")
	if s, _ := ParseSecret("gone"); s.address != "" {
		if value, err := s.Read(t.Context(), e.client()); value != "" || !errors.Is(err, ErrMissing) || !strings.Contains(err.Error(), "gone") {
			t.Errorf("Read(%s) = %q, %v", s, value, err)
		}
	}
}
