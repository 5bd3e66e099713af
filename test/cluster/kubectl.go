package cluster

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Kubectl runs kubectl as an administrator and returns what it wrote. An error contains both; errors.As finds an *exec.ExitError in
// it, for kubectl diff, which ends with 1 where there are differences.
//
// The API server's warnings stand in stderr: see Warnings.
func (c *Cluster) Kubectl(ctx context.Context, stdin string, args ...string) (stdout, stderr string, err error) {
	command := c.command(ctx, c.binaries.controlPlane, "kubectl", args...)
	var out, errs bytes.Buffer
	command.Stdin, command.Stdout, command.Stderr = strings.NewReader(stdin), &out, &errs
	if err = command.Run(); err != nil {
		err = fmt.Errorf("kubectl %s: %w\n%s%s", strings.Join(args, " "), err, &errs, &out)
	}
	return out.String(), errs.String(), err
}

// Apply runs kubectl apply for all files of a folder or for one file; args are further flags, such as --server-side.
func (c *Cluster) Apply(ctx context.Context, folder string, args ...string) (stdout, stderr string, err error) {
	return c.Kubectl(ctx, "", append([]string{"apply", "--filename=" + folder}, args...)...)
}

// Warnings returns the API server's warnings in what kubectl wrote to its error stream.
func Warnings(stderr string) []string {
	var warnings []string
	for line := range strings.Lines(stderr) {
		if warning, ok := strings.CutPrefix(strings.TrimSpace(line), "Warning: "); ok {
			warnings = append(warnings, warning)
		}
	}
	return warnings
}

// ObjectPath is the path of an object below URL.
func ObjectPath(apiVersion, kind, namespace, name string) string {
	path := "/apis/" + apiVersion
	if apiVersion == "v1" {
		path = "/api/v1"
	}
	if namespace != "" {
		path += "/namespaces/" + namespace
	}
	resource, _ := meta.UnsafeGuessKindToResource(schema.FromAPIVersionAndKind(apiVersion, kind))
	if kind == "Gateway" {
		resource.Resource = "gateways" // The guess would be gatewaies.
	}
	return path + "/" + resource.Resource + "/" + name
}
