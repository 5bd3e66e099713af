//go:build linux

package servers

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRedisLogin(t *testing.T) {
	secret := newSecret(t, production, nil)
	for _, sh := range shells {
		t.Run(string(sh), func(t *testing.T) {
			r := startRedis(t, secret, sh)

			answer, err := r.ask(t, "", "PING")
			require.Error(t, err)
			require.Contains(t, answer, "NOAUTH")

			answer, err = r.ask(t, "another", "PING")
			require.Error(t, err)
			require.Contains(t, answer, "WRONGPASS")

			require.Equal(t, "PONG", r.must(t, "PING"))
			// Nobody but this user, and nobody without a password.
			require.Regexp(t, `^user default on (sanitize-payload )?#[0-9a-f]{64} ~\* &\* \+@all$`, r.must(t, "ACL", "LIST"))
		})
	}
}

// oddPasswords are passwords that a shell, a configuration file or a URL might take for something else.
var oddPasswords = map[string]string{
	"quotes":        `it's "quoted"`,
	"spaces":        "  in and around  ",
	"comment":       "# none",
	"backslashes":   `\n\\ \`,
	"expansions":    "$HOME ${HOME} $(id) `id` $((1)) $$",
	"references":    "$(REDISCLI_AUTH)",
	"globs":         "/* ~* [a]?",
	"unicode":       "pässwörd☃",
	"leading dash":  "-n",
	"printf":        "%s%n%d",
	"lines":         "one\ntwo\n",
	"end of script": "\nEND\n",
	"another rule":  "x nopass",
	"percent":       "a%20b",
}

func TestRedisPasswords(t *testing.T) {
	for _, sh := range shells {
		t.Run(string(sh), func(t *testing.T) {
			for name, password := range oddPasswords {
				t.Run(name, func(t *testing.T) {
					r := startRedis(t, newSecret(t, production, map[string]string{redisPasswordKey: password}), sh)

					require.Equal(t, "PONG", r.must(t, "PING"))
					_, err := r.ask(t, password+"x", "PING")
					require.Error(t, err)
				})
			}
		})
	}
}

func TestRedisURL(t *testing.T) {
	for _, from := range []delivery{production, staging} {
		t.Run(string(from), func(t *testing.T) {
			secret := newSecret(t, from, nil)
			r := startRedis(t, secret, busybox)
			address := backendURL(t, "REDIS_URL", secret, redisName, r.container, r.port)

			answer, err := pingURL(t, r, address)
			require.NoError(t, err, answer)
			require.Equal(t, "PONG\n", answer)

			address.User = url.UserPassword("default", "another")
			answer, err = pingURL(t, r, address)
			require.Error(t, err)
			require.Contains(t, answer, "WRONGPASS")
		})
	}
}

func pingURL(t *testing.T, r *redis, address *url.URL) (string, error) {
	t.Helper()
	env := variables{"PATH": r.env["PATH"]}
	return output(t, env, "redis-cli", "-e", "--no-auth-warning", "-u", address.String(), "PING")
}
