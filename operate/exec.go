package operate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/remotecommand"
	"k8s.io/streaming/pkg/httpstream"
)

// Executor runs a command in a container and returns its standard output. If the command fails, the error is or wraps
// an ExitError of k8s.io/client-go/util/exec, and contains the command's standard error.
type Executor interface {
	Exec(ctx context.Context, pod types.NamespacedName, container string, command []string) (stdout string, err error)
}

// remoteExecutor asks the API server, as "kubectl exec" does: by WebSocket, or by SPDY if something on the way knows no WebSocket.
type remoteExecutor struct{ config *rest.Config }

func (r remoteExecutor) Exec(ctx context.Context, pod types.NamespacedName, container string, command []string) (string, error) {
	config := rest.CopyConfig(r.config)
	config.APIPath, config.GroupVersion = "/api", &corev1.SchemeGroupVersion
	config.NegotiatedSerializer = scheme.Codecs.WithoutConversion()
	client, err := rest.RESTClientFor(config)
	if err != nil {
		return "", err
	}
	address := client.Get().Resource("pods").Namespace(pod.Namespace).Name(pod.Name).SubResource("exec").
		VersionedParams(&corev1.PodExecOptions{Container: container, Command: command, Stdout: true, Stderr: true}, scheme.ParameterCodec).URL()
	webSocket, err := remotecommand.NewWebSocketExecutor(config, "GET", address.String())
	if err != nil {
		return "", err
	}
	spdy, err := remotecommand.NewSPDYExecutor(config, "POST", address)
	if err != nil {
		return "", err
	}
	executor, err := remotecommand.NewFallbackExecutor(webSocket, spdy, func(err error) bool {
		return httpstream.IsUpgradeFailure(err) || httpstream.IsHTTPSProxyError(err)
	})
	if err != nil {
		return "", err
	}
	var stdout, stderr bytes.Buffer
	err = executor.StreamWithContext(ctx, remotecommand.StreamOptions{Stdout: &stdout, Stderr: &stderr})
	if said := strings.TrimSpace(stderr.String()); err != nil && said != "" {
		err = fmt.Errorf("%w: %s", err, strings.ReplaceAll(said, "\n", "; "))
	}
	return stdout.String(), withReason(err, pod.Name)
}

// withReason makes a missing permission an error of the API server again, of which the way by SPDY keeps only the text.
func withReason(err error, pod string) error {
	if err == nil {
		return nil
	}
	_, reason, found := strings.Cut(err.Error(), " is forbidden: ")
	if !found || apierrors.IsForbidden(err) {
		return err
	}
	return apierrors.NewForbidden(corev1.Resource("pods"), pod, errors.New(reason))
}
