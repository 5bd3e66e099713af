package diagnosis

import (
	"fmt"
	"regexp"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// unhealthy is what kubelet/prober/prober.go writes into the event Unhealthy.
var unhealthy = regexp.MustCompile(`^(Readiness|Liveness|Startup) probe (?:failed|errored(?: and resulted in \w+ state)?): ?(.*)$`)

// probes say which probe of a container fails, with the last response.
func (c container) probes() *problem {
	if c.status.Ready {
		return nil
	}
	event := c.event(aboutContainer(c.pod, c.status.Name), "Unhealthy")
	if event == nil {
		return nil
	}
	parts := unhealthy.FindStringSubmatch(oneLine(event.Message))
	if parts == nil {
		return nil
	}
	kind, response := strings.ToLower(parts[1]), parts[2]
	if response == "" {
		response = "none"
	}
	declared := c.declared()
	probe := map[string]*corev1.Probe{"readiness": declared.ReadinessProbe, "liveness": declared.LivenessProbe, "startup": declared.StartupProbe}[kind]
	cause := fmt.Sprintf("%s probe%s fails: last response: %s", kind, describeProbe(declared, probe), addresses.ReplaceAllString(response, "POD"))
	return &c.problem(cause, c.probeAdvice(kind, response))[0]
}

// addresses differ between the pods of a group.
var addresses = regexp.MustCompile(`\b(?:\d{1,3}\.){3}\d{1,3}\b`)

func describeProbe(declared corev1.Container, probe *corev1.Probe) string {
	if probe == nil {
		return ""
	}
	delay := fmt.Sprintf(" (first after %ds, then every %ds, %d failures allowed)", probe.InitialDelaySeconds, max(probe.PeriodSeconds, 1), probe.FailureThreshold)
	switch {
	case probe.HTTPGet != nil:
		return fmt.Sprintf(" GET %s on port %s%s", probe.HTTPGet.Path, portOf(declared, probe.HTTPGet.Port), delay)
	case probe.TCPSocket != nil:
		return fmt.Sprintf(" of TCP port %s%s", portOf(declared, probe.TCPSocket.Port), delay)
	case probe.GRPC != nil:
		return fmt.Sprintf(" of gRPC port %d%s", probe.GRPC.Port, delay)
	case probe.Exec != nil:
		return fmt.Sprintf(" %q%s", strings.Join(probe.Exec.Command, " "), delay)
	}
	return ""
}

// portOf adds the number to a name.
func portOf(declared corev1.Container, port intstr.IntOrString) string {
	for _, p := range declared.Ports {
		if port.Type == intstr.String && p.Name == port.StrVal {
			return fmt.Sprintf("%d (%s)", p.ContainerPort, p.Name)
		}
	}
	return port.String()
}

func (c container) probeAdvice(kind, response string) string {
	logs := c.logs()
	switch {
	case strings.Contains(response, "connection refused"):
		return "check that the program listens on this port, on all addresses: " + logs
	case strings.Contains(response, "statuscode: 404"):
		return "check the probe's path, which the program does not serve: " + logs
	case strings.Contains(response, "deadline exceeded"), strings.Contains(response, "timeout"):
		return "see why the program answers slowly, or raise timeoutSeconds: " + logs
	case strings.Contains(response, "no such port"), strings.Contains(response, "couldn't find port"):
		return "name a port of the container in the " + kind + " probe, and apply the manifests: " + c.applying()
	}
	return "read what the program says: " + logs
}
