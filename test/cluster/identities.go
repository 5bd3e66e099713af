package cluster

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"os"
	"strings"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"

	"github.com/ai-platform/manifests/test/certificates"
)

// contextName is what kubectl and the commands print of the cluster.
const contextName = "ai-platform-test"

// writeIdentities writes what the cluster's processes prove with who they are: one certificate, which all trust, for the API server and
// the kubelets, and for the one as a client of the others, and a token for each user.
func (c *Cluster) writeIdentities() error {
	own, err := certificates.New("kubernetes", "127.0.0.1")
	if err != nil {
		return err
	}
	var tokens strings.Builder
	// Users that the API server's RBAC rules know. The stand-ins and kwok act as administrators: what they stand for is no part of what is
	// tested.
	for _, user := range []struct{ name, groups, kubeconfig string }{
		{"administrator", "system:masters", c.Kubeconfig()},
		{"system:kube-controller-manager", "", c.controllerManagerKubeconfig()},
		{"system:kube-scheduler", "", c.schedulerKubeconfig()},
	} {
		token := rand.Text()
		fmt.Fprintf(&tokens, "%s,%s,%[2]s,%s\n", token, user.name, user.groups)
		if err := WriteKubeconfig(user.kubeconfig, contextName, api.Cluster{Server: c.URL(), CertificateAuthorityData: own.Certificate}, token); err != nil {
			return err
		}
	}
	for file, content := range map[string][]byte{
		c.certificateFile(): own.Certificate,
		c.keyFile():         own.Key,
		c.tokensFile():      []byte(tokens.String()),
	} {
		if err := os.WriteFile(file, content, 0o600); err != nil {
			return err
		}
	}
	c.client, err = newClient(c.Kubeconfig())
	return err
}

// WriteKubeconfig writes a kubeconfig file with one context.
func WriteKubeconfig(file, context string, server api.Cluster, token string) error {
	config := api.NewConfig()
	config.CurrentContext = context
	config.Contexts[context] = &api.Context{Cluster: context, AuthInfo: context}
	config.Clusters[context] = &server
	config.AuthInfos[context] = &api.AuthInfo{Token: token}
	return clientcmd.WriteToFile(*config, file)
}

func newClient(kubeconfig string) (*http.Client, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, err
	}
	return rest.HTTPClientFor(config)
}

func (c *Cluster) certificateFile() string { return c.path("pki", "certificate.pem") }
func (c *Cluster) keyFile() string         { return c.path("pki", "key.pem") }
func (c *Cluster) tokensFile() string      { return c.path("pki", "tokens.csv") }

func (c *Cluster) controllerManagerKubeconfig() string { return c.path("pki", "controller-manager") }
func (c *Cluster) schedulerKubeconfig() string         { return c.path("pki", "scheduler") }
