package cluster

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"os"
)

// Users that the API server's RBAC rules know. The stand-ins and kwok act as administrators: what they stand for is no part of what is
// tested.
const (
	administrator         = "administrator"
	controllerManagerUser = "system:kube-controller-manager"
	schedulerUser         = "system:kube-scheduler"
	kubeletClientUser     = "kube-apiserver-kubelet-client"
	administratorsGroup   = "system:masters"
)

// writeIdentities writes certificates, keys and kubeconfig files, and makes the cluster's own client.
func (c *Cluster) writeIdentities() error {
	authority, err := newAuthority()
	if err != nil {
		return err
	}
	if err := c.writeServerIdentity(authority); err != nil {
		return err
	}
	if err := c.writeServiceAccountKey(); err != nil {
		return err
	}
	for file, user := range map[string]string{
		c.controllerManagerKubeconfig(): controllerManagerUser,
		c.schedulerKubeconfig():         schedulerUser,
	} {
		client, err := authority.issueClient(user)
		if err != nil {
			return err
		}
		if err := c.writeKubeconfig(file, user, authority, client); err != nil {
			return err
		}
	}
	return c.writeAdministrator(authority)
}

func (c *Cluster) writeServerIdentity(authority *authority) error {
	server, err := authority.issueServer()
	if err != nil {
		return err
	}
	client, err := authority.issueClient(kubeletClientUser)
	if err != nil {
		return err
	}
	for file, content := range map[string][]byte{
		c.authorityFile():                authority.pem(),
		c.serverCertificateFile():        server.certificate,
		c.serverKeyFile():                server.key,
		c.kubeletClientCertificateFile(): client.certificate,
		c.kubeletClientKeyFile():         client.key,
	} {
		if err := os.WriteFile(file, content, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// writeServiceAccountKey writes the key that signs the tokens of service accounts.
func (c *Cluster) writeServiceAccountKey() error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	encoded, err := encodeKey(key)
	if err != nil {
		return err
	}
	return os.WriteFile(c.serviceAccountKeyFile(), encoded, 0o600)
}

func (c *Cluster) writeAdministrator(authority *authority) error {
	client, err := authority.issueClient(administrator, administratorsGroup)
	if err != nil {
		return err
	}
	config, err := authority.clientConfig(client)
	if err != nil {
		return err
	}
	c.client = &http.Client{Transport: &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true}}
	return c.writeKubeconfig(c.Kubeconfig(), administrator, authority, client)
}

// writeKubeconfig writes a kubeconfig file, in JSON, which is YAML too.
func (c *Cluster) writeKubeconfig(file, user string, authority *authority, client keyPair) error {
	type object = map[string]any
	const name = "ai-platform-test"
	content, err := json.Marshal(object{
		"apiVersion":      "v1",
		"kind":            "Config",
		"current-context": name,
		"contexts":        []object{{"name": name, "context": object{"cluster": name, "user": user}}},
		"clusters": []object{{"name": name, "cluster": object{
			"server":                     c.URL(),
			"certificate-authority-data": authority.pem(), // as base64, as JSON does with bytes
		}}},
		"users": []object{{"name": user, "user": object{
			"client-certificate-data": client.certificate,
			"client-key-data":         client.key,
		}}},
	})
	if err != nil {
		return err
	}
	return os.WriteFile(file, content, 0o600)
}

func (c *Cluster) authorityFile() string         { return c.path("pki", "ca.crt") }
func (c *Cluster) serverCertificateFile() string { return c.path("pki", "apiserver.crt") }
func (c *Cluster) serverKeyFile() string         { return c.path("pki", "apiserver.key") }

func (c *Cluster) kubeletClientCertificateFile() string { return c.path("pki", "kubelet-client.crt") }

func (c *Cluster) kubeletClientKeyFile() string { return c.path("pki", "kubelet-client.key") }

func (c *Cluster) serviceAccountKeyFile() string { return c.path("pki", "service-accounts.key") }

func (c *Cluster) controllerManagerKubeconfig() string { return c.path("pki", "controller-manager") }
func (c *Cluster) schedulerKubeconfig() string         { return c.path("pki", "scheduler") }
