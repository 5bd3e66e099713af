//go:build linux

package servers

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// slackPath is a secret: who knows it can write to the channel.
const slackPath = "/services/T0/B0/secret"

// slack stands in for Slack, at an address that a Secret may hold.
type slack struct {
	url      string
	messages chan slackMessage
}

// slackMessage is what the stand-in reads of a message.
// https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments
type slackMessage struct {
	Attachments []slackAttachment
}

type slackAttachment struct{ Title, Text string }

func startSlack(t *testing.T) *slack {
	t.Helper()
	s := &slack{messages: make(chan slackMessage, 100)}
	handler := http.NewServeMux()
	handler.HandleFunc("POST "+slackPath, func(w http.ResponseWriter, r *http.Request) {
		var message slackMessage
		if err := json.NewDecoder(r.Body).Decode(&message); err != nil {
			http.Error(w, "invalid_payload", http.StatusBadRequest)
			return
		}
		s.messages <- message
		_, _ = w.Write([]byte("ok"))
	})
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	s.url = server.URL + slackPath
	return s
}

// tell puts the address where the Secret of a sandbox is mounted.
func (s *slack) tell(t *testing.T, to *sandbox) {
	t.Helper()
	writeFile(t, filepath.Join(to.folders["etc-alertmanager-secrets-slack"], "slack-url"), s.url)
}

// message waits for the next message of a sender.
func (s *slack) message(t *testing.T, of *sandbox) slackAttachment {
	t.Helper()
	select {
	case message := <-s.messages:
		require.Len(t, message.Attachments, 1)
		return message.Attachments[0]
	case <-of.process.ended:
		require.FailNow(t, "the server has ended", "%v\n%s", of.process.err, of.process.printed(t))
	case <-time.After(alertDeadline):
		require.FailNow(t, "no message", of.process.printed(t))
	}
	return slackAttachment{}
}
