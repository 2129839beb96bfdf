package servertest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/valkey-io/valkey-go"
)

// Valkey starts a Valkey or Redis server, empty and in memory, and returns its "host:port". The test ends where neither is
// installed, see Missing: CHUNKASIDE_VALKEY names one, or valkey-server or redis-server is on the PATH.
func Valkey(t testing.TB) string {
	t.Helper()
	program := findValkey()
	if program == "" {
		Missing(t, "neither valkey-server nor redis-server is on the PATH: install one, or set CHUNKASIDE_VALKEY")
	}
	folder := t.TempDir() // It writes nothing, but it wants to be somewhere.
	command := func(port string) *exec.Cmd {
		return exec.Command(program, "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder)
	}
	return start(t, command, answersPing)
}

func findValkey() string {
	if program := os.Getenv("CHUNKASIDE_VALKEY"); program != "" {
		return program
	}
	for _, name := range []string{"valkey-server", "redis-server"} {
		if program, err := exec.LookPath(name); err == nil {
			return program
		}
	}
	return ""
}

// answersPing says PING in the protocol's inline form.
func answersPing(address string) error {
	conn, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(time.Second)); err != nil {
		return err
	}
	if _, err := fmt.Fprint(conn, "PING\r\n"); err != nil {
		return err
	}
	answer := make([]byte, 64)
	n, err := conn.Read(answer)
	if err != nil {
		return err
	}
	if got := string(answer[:n]); got != "+PONG\r\n" {
		return fmt.Errorf("PING answered %q", got)
	}
	return nil
}

// FlushValkey empties the server.
func FlushValkey(t testing.TB, address string) {
	t.Helper()
	client := valkeyClient(t, address)
	defer client.Close()
	if err := client.Do(t.Context(), client.B().Flushall().Build()).Error(); err != nil {
		t.Fatal(err)
	}
}

// SetValkey writes a value without a TTL, as an accident would; nil deletes the key.
func SetValkey(t testing.TB, address, key string, value []byte) {
	t.Helper()
	client := valkeyClient(t, address)
	defer client.Close()
	command := client.B().Del().Key(key).Build()
	if value != nil {
		command = client.B().Set().Key(key).Value(valkey.BinaryString(value)).Build()
	}
	if err := client.Do(t.Context(), command).Error(); err != nil {
		t.Fatal(err)
	}
}

// ValkeyKeys lists the keys of the server's first database.
func ValkeyKeys(t testing.TB, address string) []string {
	t.Helper()
	client := valkeyClient(t, address)
	defer client.Close()
	keys, err := client.Do(t.Context(), client.B().Keys().Pattern("*").Build()).AsStrSlice()
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func valkeyClient(t testing.TB, address string) valkey.Client {
	t.Helper()
	client, err := valkey.NewClient(valkey.ClientOption{InitAddress: []string{address}, DisableCache: true})
	if err != nil {
		t.Fatal(err)
	}
	return client
}
