package servertest

import "testing"

func TestValkey(t *testing.T) {
	if err := answersPing(Valkey(t)); err != nil {
		t.Error(err)
	}
}
