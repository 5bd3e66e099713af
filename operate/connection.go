package operate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/go-logr/logr"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
)

// MinimumVersion is the oldest version of Kubernetes that the manifests support.
const MinimumVersion = "1.30"

// defaultTimeout is longer than any command takes with a cluster that responds.
const defaultTimeout = time.Minute

// connection holds the flags of every command that talks to a cluster. They are kubectl's, except that the timeout is
// for the whole command.
type connection struct {
	kubeconfig string
	context    string
	namespace  string
	timeout    time.Duration
}

func (c *connection) addFlags(flags *pflag.FlagSet) {
	flags.StringVar(&c.kubeconfig, "kubeconfig", "", "path of the kubeconfig `file` (default: $KUBECONFIG, or ~/.kube/config)")
	flags.StringVar(&c.context, "context", "", "`name` of the kubeconfig context (default: the current one)")
	flags.StringVarP(&c.namespace, "namespace", "n", "", "`namespace` of objects that name none (default: that of the context); must match those that do")
	flags.DurationVar(&c.timeout, "timeout", defaultTimeout, "`duration` after which the command gives up; 0 means no limit")
}

// run calls a function whose context ends with the timeout, and with Ctrl-C. Its error gets the exit code of its cause.
func (c *connection) run(command *cobra.Command, f func(ctx context.Context) error) error {
	if c.timeout < 0 {
		return Usage(fmt.Errorf("--timeout=%s: must not be negative", c.timeout))
	}
	klog.SetLogger(logr.Discard()) // client-go logs requests that end with the context, in addition to returning the error.
	ctx, stop := signal.NotifyContext(command.Context(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	interrupted := ctx
	if c.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.timeout)
		defer cancel()
	}
	err := f(ctx)
	switch {
	case err == nil || ExitCode(err) != ExitError:
		return err
	case interrupted.Err() != nil:
		return exitError{errors.New("interrupted"), ExitInterrupted}
	case ctx.Err() != nil:
		return exitError{fmt.Errorf("no result after %s: increase --timeout to wait longer", c.timeout), ExitTimeout}
	}
	return explain(err)
}

// explain gives errors of the API server, and of the connection to it, an exit code.
func explain(err error) error {
	var transport *url.Error
	switch {
	case apierrors.IsUnauthorized(err):
		return exitError{errors.New("the API server rejected the credentials: log in again"), ExitForbidden}
	case isDenied(err):
		return exitError{fmt.Errorf("missing permission: %w", err), ExitForbidden}
	case errors.As(err, &transport):
		return exitError{fmt.Errorf("cannot reach the API server: %w", err), ExitUnreachable}
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		return exitError{fmt.Errorf("lost the connection to the API server: %w", err), ExitUnreachable}
	}
	return err
}

// isTransient reports whether a request may succeed if it is sent again.
func isTransient(err error) bool {
	var status apierrors.APIStatus
	return ExitCode(explain(err)) == ExitUnreachable || errors.As(err, &status) && status.Status().Code >= http.StatusTooManyRequests
}

// isDenied distinguishes a missing permission from an object that admission refuses, which is forbidden too.
func isDenied(err error) bool {
	return apierrors.IsForbidden(err) && strings.Contains(err.Error(), " cannot ")
}

// cluster is an API server that responds and has a supported version.
type cluster struct {
	config    *rest.Config
	objects   dynamic.Interface
	mapper    meta.RESTMapper
	context   string // Of the kubeconfig. Empty in a pod.
	namespace string // For objects that name none.
}

func (c *connection) connect(ctx context.Context, warnings io.Writer) (*cluster, error) {
	config, found, err := c.config()
	if err != nil {
		return nil, exitError{fmt.Errorf("kubeconfig: %w", err), ExitKubeconfig}
	}
	config.QPS = -1 // The API server limits its clients itself, and fairly.
	config.WarningHandler = rest.NewWarningWriter(warnings, rest.WarningWriterOptions{Deduplicate: true})
	objects, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, exitError{fmt.Errorf("kubeconfig: %w", err), ExitKubeconfig}
	}
	found.config, found.objects = config, objects
	found.mapper, err = discover(ctx, config)
	return found, err
}

// config reads the kubeconfig as kubectl does.
func (c *connection) config() (*rest.Config, *cluster, error) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = c.kubeconfig
	overrides := &clientcmd.ConfigOverrides{CurrentContext: c.context}
	overrides.Context.Namespace = c.namespace
	loader := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, overrides)
	config, err := loader.ClientConfig()
	if clientcmd.IsEmptyConfig(err) {
		return nil, nil, errNoCluster(rules, loader)
	}
	if err != nil {
		return nil, nil, err
	}
	namespace, _, err := loader.Namespace()
	if err != nil {
		return nil, nil, err
	}
	raw, err := loader.RawConfig()
	return config, &cluster{context: cmp.Or(c.context, raw.CurrentContext), namespace: namespace}, err
}

// errNoCluster distinguishes a kubeconfig that does not exist from one without contexts, and that from one without a current context.
func errNoCluster(rules *clientcmd.ClientConfigLoadingRules, loader clientcmd.ClientConfig) error {
	paths := rules.GetLoadingPrecedence()
	files := strings.Join(paths, ", ")
	if !slices.ContainsFunc(paths, exists) {
		return fmt.Errorf("%s does not exist: set --kubeconfig or $KUBECONFIG", files)
	}
	raw, err := loader.RawConfig()
	if err != nil || len(raw.Contexts) == 0 {
		return fmt.Errorf("no cluster is configured in %s: set --kubeconfig or $KUBECONFIG", files)
	}
	return fmt.Errorf("no current context in %s: set --context to one of %s", files, strings.Join(slices.Sorted(maps.Keys(raw.Contexts)), ", "))
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return !errors.Is(err, fs.ErrNotExist)
}

// discover asks for the version of the cluster, and for its kinds. The client for that has no contexts.
func discover(ctx context.Context, config *rest.Config) (meta.RESTMapper, error) {
	type answer struct {
		mapper meta.RESTMapper
		err    error
	}
	answers := make(chan answer, 1)
	go func() {
		mapper, err := discoverKinds(config)
		answers <- answer{mapper, err}
	}()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case a := <-answers:
		return a.mapper, a.err
	}
}

func discoverKinds(config *rest.Config) (meta.RESTMapper, error) {
	client, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return nil, err
	}
	info, err := client.ServerVersion()
	if err != nil {
		return nil, err
	}
	found, err := version.ParseGeneric(info.GitVersion)
	if err != nil {
		return nil, err
	}
	if found.LessThan(version.MustParseGeneric(MinimumVersion)) {
		return nil, exitError{fmt.Errorf("the cluster runs Kubernetes %s: must be %s or newer", info.GitVersion, MinimumVersion), ExitUnsupported}
	}
	resources, err := restmapper.GetAPIGroupResources(client)
	if err != nil {
		return nil, err
	}
	return restmapper.NewDiscoveryRESTMapper(resources), nil
}
