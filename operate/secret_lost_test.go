package operate

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const lostServer = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: db, namespace: shop}
spec:
  template:
    spec:
      containers:
        - name: server
          env:
            - {name: PASSWORD, valueFrom: {secretKeyRef: {name: shop, key: password}}}
`

// lostReaders declares a server, its client, which reads what follows from the server's password too, and a Deployment that needs no key.
const lostReaders = lostServer + `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {template: {spec: {containers: [{name: web, env: [{name: MAYBE, valueFrom: {secretKeyRef: {name: shop, key: maybe, optional: true}}}]}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  template:
    spec:
      initContainers:
        - {name: init, env: [{name: INIT, valueFrom: {secretKeyRef: {name: shop, key: init}}}]}
      containers:
        - name: api
          env:
            - {name: URL, valueFrom: {secretKeyRef: {name: shop, key: url}}}
            - {name: USER, valueFrom: {secretKeyRef: {name: shop, key: user}}}
`

// lost returns what is said of a Secret that does not exist, while these numbers of pods are ready, and one of "web".
func lost(t *testing.T, db, api int) error {
	t.Helper()
	c, _, _ := shopCluster(t)
	objects, err := parse(map[string][]byte{"a.yaml": []byte(lostReaders)})
	require.NoError(t, err)
	c.read, err = readKeys(objects, c.secret)
	require.NoError(t, err)
	const deployment = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: %s, namespace: shop}, status: {readyReplicas: %d}}\n---\n"
	c.inCluster(t, fmt.Sprintf(deployment+deployment+deployment, "db", db, "api", api, "web", 1)+"{apiVersion: v1, kind: Namespace, metadata: {name: shop}}\n")
	return c.keep(context.Background(), true, false)
}

// Servers are often StatefulSets, and agents DaemonSets: their pods have the value of a lost Secret too.
func TestLostSecretOfOtherWorkloads(t *testing.T) {
	for kind, field := range map[string]string{"StatefulSet": "readyReplicas", "DaemonSet": "numberReady"} {
		target := "exec " + strings.ToLower(kind) + "/db -c server -- printenv PASSWORD"
		for ready, want := range map[int]string{0: "", 1: "value1=$(value " + strings.ToLower(kind) + "/db server PASSWORD)"} {
			c, _, _ := otherWorkload(t, kind, fmt.Sprintf("status: {%s: %d}", field, ready))
			err := c.keep(t.Context(), true, false)
			if want == "" {
				require.NoError(t, err, kind)
				continue
			}
			require.ErrorContains(t, err, "Secret shop/shop is lost, but pods are running with its values", kind)
			require.ErrorContains(t, err, want)
		}
		// The Secret is there, without the key.
		c, _, _ := otherWorkload(t, kind, fmt.Sprintf("status: {%s: 1}\n---\n{apiVersion: v1, kind: Secret, metadata: {name: shop, namespace: shop}}", field))
		err := c.keep(t.Context(), true, false)
		require.ErrorContains(t, err, "Secret shop/shop has no key password, but pods of "+kind+" db may still use its value")
		require.ErrorContains(t, err, target)
	}
}

// otherWorkload is a cluster in which a workload of another kind than Deployment reads the password.
func otherWorkload(t *testing.T, kind, rest string) (c *secretCluster, stdout, stderr *bytes.Buffer) {
	t.Helper()
	c, stdout, stderr = shopCluster(t)
	declared, err := parse(map[string][]byte{"a.yaml": []byte(strings.ReplaceAll(lostServer, "Deployment", kind))})
	require.NoError(t, err)
	c.read, err = readKeys(declared, c.secret)
	require.NoError(t, err)
	c.inCluster(t, "{apiVersion: v1, kind: Namespace, metadata: {name: shop}}\n---\napiVersion: apps/v1\nkind: "+kind+
		"\nmetadata: {name: db, namespace: shop}\n"+rest+"\n")
	return c, stdout, stderr
}

func TestLostSecretNamesTheKeysOfNoReadyPod(t *testing.T) {
	const common = "  init: no container of a Deployment, StatefulSet or DaemonSet has it as a variable\n  maybe: it is optional: add it by hand if it was there\n"
	for name, c := range map[string]struct {
		db, api                  int
		unrecovered, from, spare string
	}{
		"all ready": {1, 1, common, `password=<|user=<`, "url="},
		"no client": {1, 0, common + "  user: no pod of Deployment api is ready\n", `password=<`, "user="},
		// The server's password is in the address that the client has.
		"no server": {0, 1, common + "  password: no pod of Deployment db is ready\n", `url=<|user=<`, "password="},
	} {
		t.Run(name, func(t *testing.T) {
			err := lost(t, c.db, c.api)
			require.ErrorContains(t, err, "Secret shop/shop is lost, but pods are running with its values: no new values were generated.\n"+
				"These keys cannot be recovered:\n"+c.unrecovered+"If pods can be made ready")
			for _, from := range strings.Split(c.from, "|") {
				require.ErrorContains(t, err, "--from-file="+from)
			}
			require.NotContains(t, err.Error(), "--from-file="+c.spare)
		})
	}
}

// A first Secret is made where no pod can have had a value.
func TestSecretIsNotLostIfNothingNeedsIt(t *testing.T) {
	require.NoError(t, lost(t, 0, 0))
}

// fakeKubectl prints a file's content for a variable, and a newline, as printenv does. Of --from-file it copies what is in the file.
const fakeKubectl = `#!/bin/bash
printf '%s\n' "$@" >> log
case " $* " in
*" exec "*)
  variable="${@: -1}"
  /bin/cat "$variable" && echo
  ;;
*)
  for flag; do
    source="${flag#--from-file=}"
    [[ "$source" == "$flag" ]] || /bin/cat "${source#*=}" > "made-${source%%=*}"
  done
  ;;
esac
`

// The script is run as it is printed, and finds no command but kubectl and the program. What these are called with is readable for everyone.
func TestScriptOfALostSecret(t *testing.T) {
	script := scriptOf(t, lost(t, 1, 1))
	folder, err := runLostScript(t, script, map[string]string{"PASSWORD": "\n -n hunter2'\"$x`\\ \xff\n\n", "USER": "me"})
	require.NoError(t, err)
	require.Equal(t, "\n -n hunter2'\"$x`\\ \xff\n\n", content(t, folder, "made-password"))
	require.Equal(t, "me", content(t, folder, "made-user"))
	log := content(t, folder, "log")
	require.Contains(t, log, "create\nsecret\ngeneric\nshop\n")
	require.NotContains(t, log, "hunter2")
	require.True(t, strings.HasSuffix(log, "shop secret production --keep --yes --context=a b\n"), log)
}

// A value that cannot be read is not taken for an empty one.
func TestScriptOfALostSecretEndsIfAPodIsGone(t *testing.T) {
	folder, err := runLostScript(t, scriptOf(t, lost(t, 1, 1)), map[string]string{"PASSWORD": "hunter2"})
	require.Error(t, err)
	require.NotContains(t, content(t, folder, "log"), "create")
	require.NotContains(t, content(t, folder, "log"), "--keep")
}

func scriptOf(t *testing.T, err error) string {
	t.Helper()
	require.Error(t, err)
	_, script, _ := strings.Cut(err.Error(), "\n\n")
	return script
}

func runLostScript(t *testing.T, script string, variables map[string]string) (folder string, err error) {
	t.Helper()
	bash, err := exec.LookPath("bash")
	require.NoError(t, err)
	folder = t.TempDir()
	for name, value := range variables {
		write(t, filepath.Join(folder, name), value)
	}
	for name, program := range map[string]string{"kubectl": fakeKubectl, "shop": "#!/bin/bash\necho \"shop $*\" >> log\n"} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(program), 0o700))
	}
	command := exec.CommandContext(t.Context(), bash, "-c", script)
	command.Dir, command.Env = folder, []string{"PATH=" + folder}
	output, err := command.CombinedOutput()
	t.Logf("%s", output)
	return folder, err
}

func content(t *testing.T, folder, name string) string {
	t.Helper()
	found, err := os.ReadFile(filepath.Join(folder, name))
	require.NoError(t, err)
	return string(found)
}
