package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/types"
	remotecommandconsts "k8s.io/apimachinery/pkg/util/remotecommand"
	remotecommandclient "k8s.io/client-go/tools/remotecommand"
	"k8s.io/kubelet/pkg/cri/streaming/remotecommand"
	utilexec "k8s.io/utils/exec"
)

// kubelet answers what the API server asks of every node's kubelet for "kubectl exec": it runs the command on this machine. kwok can do so
// too, but lets everybody on the machine run commands, and answers a command that fails with an internal error instead of its exit code.
type kubelet struct {
	address, programs, certificate, key, clientAuthority string
}

func (k *kubelet) addFlags(flags *pflag.FlagSet) {
	flags.StringVar(&k.address, "exec-address", "", "address and port to run commands of containers for")
	flags.StringVar(&k.programs, "exec-programs", "", "folder of the programs of all containers")
	flags.StringVar(&k.certificate, "exec-certificate", "", "file of the server's certificate")
	flags.StringVar(&k.key, "exec-key", "", "file of its key")
	flags.StringVar(&k.clientAuthority, "exec-client-ca", "", "file of the authority of clients")
}

// serve listens until the process ends.
func (k *kubelet) serve() error {
	authority, err := os.ReadFile(k.clientAuthority)
	if err != nil {
		return err
	}
	clients := x509.NewCertPool()
	if !clients.AppendCertsFromPEM(authority) {
		return fmt.Errorf("%s: no certificate", k.clientAuthority)
	}
	listener, err := net.Listen("tcp", k.address)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/exec/{namespace}/{pod}/{container}", k.exec)
	server := &http.Server{
		Handler: mux, ReadHeaderTimeout: 5 * time.Second,
		TLSConfig: &tls.Config{ClientCAs: clients, ClientAuth: tls.RequireAndVerifyClientCert, MinVersion: tls.VersionTLS13},
	}
	go func() {
		fmt.Fprintln(os.Stderr, server.ServeTLS(listener, k.certificate, k.key))
		os.Exit(1)
	}()
	return nil
}

func (k *kubelet) exec(response http.ResponseWriter, request *http.Request) {
	options, err := remotecommand.NewOptions(request)
	if err != nil {
		http.Error(response, err.Error(), http.StatusBadRequest)
		return
	}
	remotecommand.ServeExec(response, request, k, request.PathValue("pod"), "", request.PathValue("container"), request.URL.Query()["command"],
		options, time.Hour, remotecommandconsts.DefaultStreamCreationTimeout, remotecommandconsts.SupportedStreamingProtocols)
}

// ExecInContainer answers as a kubelet with containerd and runc does. A container has the programs in the folder of its name, which ends where
// a hyphen follows: that of an ephemeral container is different each time.
func (k *kubelet) ExecInContainer(
	ctx context.Context, _ string, _ types.UID, container string, command []string, stdin io.Reader, stdout, stderr io.WriteCloser, _ bool,
	_ <-chan remotecommandclient.TerminalSize, _ time.Duration,
) error {
	name, _, _ := strings.Cut(container, "-")
	path := filepath.Join(k.programs, name, filepath.Base(command[0]))
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf(`failed to exec in container: failed to start exec: OCI runtime exec failed: exec failed: unable to start container process: `+
			`exec: %q: executable file not found in $PATH: unknown`, command[0])
	}
	process := exec.CommandContext(ctx, path, command[1:]...)
	process.Stdin, process.Stdout, process.Stderr = stdin, stdout, stderr
	err := process.Run()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		return utilexec.CodeExitError{Err: err, Code: failed.ExitCode()}
	}
	return err
}
