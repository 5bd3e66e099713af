package chart

import (
	"fmt"
	"time"

	"github.com/ai-platform/manifests/apps/ai-platform/platform"
	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/internal/chart"
)

// settings are the chart's values in the order of values.yaml. Their defaults are what production has.
func settings() []setting {
	var all []setting
	for _, of := range [][]setting{
		httpTierSettings("frontend", func(e *platform.Environment) *platform.HTTPTier { return &e.Frontend }, "VITE_API_BASE_URL"),
		httpTierSettings("backend", func(e *platform.Environment) *platform.HTTPTier { return &e.Backend }, "DATABASE_URL", "REDIS_PASSWORD", "REDIS_URL"),
		filesSettings(),
		storeSettings("database", func(e *platform.Environment) *platform.Store { return &e.Database }, "256Mi", chart.BinaryShareForm(1, 8, "64Mi")),
		backupSettings(),
		storeSettings("redis", func(e *platform.Environment) *platform.Store { return &e.Redis }, leastMemory, chart.ShareForm(1, 3)),
		ingressSettings(),
		monitoringSettings(),
		generalSettings(),
	} {
		all = append(all, of...)
	}
	for i := range all {
		if all[i].probe != nil {
			all[i].Probe = all[i].probe(i + 1)
		}
	}
	return all
}

func httpTierSettings(tier string, of func(*platform.Environment) *platform.HTTPTier, taken ...string) []setting {
	scaling := func(e *platform.Environment) *constructs.Autoscaling { return &of(e).Scaling.Autoscaling }
	maxReplicas := countValue(tier+".autoscaling.maxReplicas", "Greatest number of pods; not below minReplicas.", 1,
		func(e *platform.Environment) *int { return &scaling(e).MaxReplicas })
	maxReplicas.checks = []string{check("checkReplicas", fmt.Sprintf("%q .Values.%s.autoscaling", maxReplicas.Path, tier))}
	all := []setting{
		countValue(tier+".replicaCount", "Number of pods. Without effect if autoscaling is enabled.", 0,
			func(e *platform.Environment) *int { return &of(e).Replicas }),
		imageValue(tier+".image", "Container image, with a tag or a digest. The tag \"latest\" is pulled for every pod.",
			func(e *platform.Environment) *string { return &of(e).Image }),
	}
	all = append(all, resourceSettings(tier, func(e *platform.Environment) *constructs.Resources { return &of(e).Resources }, leastMemory)...)
	return append(all,
		variablesValue(tier+".env", "Environment variables, beside those that connections set: name to text, which may refer to others as $(NAME).", taken,
			func(e *platform.Environment) *map[string]string { return &of(e).Env }),
		flagValue(tier+".autoscaling.enabled", "Lets a HorizontalPodAutoscaler decide on the number of pods. The README says what to do before it is switched on.",
			func(e *platform.Environment) *bool { return &of(e).Scaling.Enabled }),
		countValue(tier+".autoscaling.minReplicas", "Least number of pods.", 1,
			func(e *platform.Environment) *int { return &scaling(e).MinReplicas }),
		maxReplicas,
		countValue(tier+".autoscaling.targetCPUUtilization", "Average CPU use to keep, in percent of the request.", 1,
			func(e *platform.Environment) *int { return &scaling(e).TargetCPUUtilization }),
	)
}

func resourceSettings(tier string, of func(*platform.Environment) *constructs.Resources, leastLimit string, ofLimit ...chart.Form) []setting {
	requests, limits := tier+".resources.requests.", tier+".resources.limits."
	cpu := cpuValue(requests+"cpu", "CPU to reserve, in cores: \"250m\" or 0.25.",
		func(e *platform.Environment) *string { return &of(e).Requests.CPU })
	cpu.checks = append(cpu.checks, check("checkRequest", valueAt(requests+"cpu"), valueAt(limits+"cpu"), `"millicores"`))
	memory := bytesValue(requests+"memory", "Memory to reserve, as text: 512Mi.", leastMemory,
		func(e *platform.Environment) *string { return &of(e).Requests.Memory })
	memory.checks = append(memory.checks, check("checkRequest", valueAt(requests+"memory"), valueAt(limits+"memory"), `"millibytes"`))
	return []setting{
		cpu,
		memory,
		cpuValue(limits+"cpu", "CPU to use at most; not below the request.",
			func(e *platform.Environment) *string { return &of(e).Limits.CPU }),
		bytesValue(limits+"memory", "Memory to use at most; not below the request.", leastLimit,
			func(e *platform.Environment) *string { return &of(e).Limits.Memory }, ofLimit...),
	}
}

func filesSettings() []setting {
	mode := accessModeValue("backend.storage.accessMode",
		"ReadWriteMany for several pods; the others are for one pod without autoscaling, which is stopped before a new one starts.",
		func(e *platform.Environment) *constructs.AccessMode { return &e.Files.AccessMode })
	mode.checks = []string{check("checkFiles", ".Values.backend")}
	return append(storageSettings("backend.storage",
		func(e *platform.Environment) *string { return &e.Files.Size },
		func(e *platform.Environment) *string { return &e.Files.StorageClassName }), mode)
}

func storeSettings(tier string, of func(*platform.Environment) *platform.Store, leastLimit string, ofLimit ...chart.Form) []setting {
	all := []setting{
		switchValue(tier+".replicaCount", "1, or 0 to stop the server: two must not write to one volume.",
			func(e *platform.Environment) *int { return &of(e).Replicas }),
		imageValue(tier+".image", "Container image, with a tag or a digest: the official one in its alpine variant, or one like it.",
			func(e *platform.Environment) *string { return &of(e).Image }),
	}
	all = append(all, resourceSettings(tier, func(e *platform.Environment) *constructs.Resources { return &of(e).Resources }, leastLimit, ofLimit...)...)
	return append(all, storageSettings(tier+".storage",
		func(e *platform.Environment) *string { return &of(e).Size },
		func(e *platform.Environment) *string { return &of(e).Class })...)
}

func backupSettings() []setting {
	return append([]setting{
		flagValue("database.backup.enabled", "Dumps the database every night at 3:00 UTC to a volume of its own, which holds the last seven dumps. It is in the same cluster.",
			func(e *platform.Environment) *bool { return &e.Backup.Enabled }),
	}, storageSettings("database.backup.storage",
		func(e *platform.Environment) *string { return &e.Backup.Storage.Size },
		func(e *platform.Environment) *string { return &e.Backup.Storage.StorageClassName })...)
}

func storageSettings(path string, size, class func(*platform.Environment) *string) []setting {
	return []setting{
		sizeValue(path+".size", "Size of the volume. It can grow if its class allows it, never shrink.", size),
		classValue(path+".storageClassName", "StorageClass of the volume. Empty is the cluster's default.", class),
	}
}

func ingressSettings() []setting {
	host := textValue("ingress.host", "DNS name under which the application is reached.", hostName(),
		func(e *platform.Environment) *string { return &e.Host })
	host.checks = []string{check("checkHost", valueAt(host.Path))}
	return []setting{
		host,
		textValue("ingress.className", "IngressClass. The controller's pods are expected where ingress-nginx has them.", objectName(),
			func(e *platform.Environment) *string { return &e.Names.IngressClass }),
		textValue("ingress.tls.secretName", "Secret with the certificate.", objectName(),
			func(e *platform.Environment) *string { return &e.Names.Certificate }),
		textValue("ingress.tls.clusterIssuer", "Issuer of cert-manager that makes the certificate. Empty if the Secret is there already.",
			optionalObjectName(), func(e *platform.Environment) *string { return &e.Issuer }),
	}
}

func monitoringSettings() []setting {
	of := func(e *platform.Environment) *platform.Monitoring { return &e.Monitoring }
	all := []setting{
		flagValue("monitoring.enabled", "Adds Prometheus, Alertmanager, Grafana, kube-state-metrics and the blackbox exporter, and what they ask of the tiers: a change replaces all pods, the database's too.",
			func(e *platform.Environment) *bool { return &of(e).Enabled }),
		daysValue("monitoring.retention", "How long samples are kept, in days.",
			func(e *platform.Environment) *time.Duration { return &of(e).Retention }),
		sizeValue("monitoring.storage.size", "Size of the volume of samples, of which they get four fifths.",
			func(e *platform.Environment) *string { return &of(e).Size }, chart.ShareForm(4, 5)),
		classValue("monitoring.storage.storageClassName", "StorageClass of the volumes of Prometheus and Alertmanager. Empty is the cluster's default.",
			func(e *platform.Environment) *string { return &of(e).Class }),
	}
	public := func(e *platform.Environment) *platform.PublicProbe { return &of(e).Public }
	asked := flagValue("monitoring.publicProbe.enabled", "Has the host asked as users ask it, with alerts on its status, latency and certificate. Disable it where pods cannot reach the host.",
		func(e *platform.Environment) *bool { return &public(e).Enabled })
	asked.checks = []string{check("checkPublicProbe", ".Values")}
	all = append(all, asked,
		flagValue("monitoring.publicProbe.insecureSkipVerify", "Accepts a certificate that no public authority has signed, such as letsencrypt-staging's.",
			func(e *platform.Environment) *bool { return &public(e).InsecureSkipVerify }),
	)
	for _, image := range []struct {
		key   string
		field func(*platform.MonitoringImages) *string
	}{
		{"prometheus", func(i *platform.MonitoringImages) *string { return &i.Prometheus }},
		{"alertmanager", func(i *platform.MonitoringImages) *string { return &i.Alertmanager }},
		{"grafana", func(i *platform.MonitoringImages) *string { return &i.Grafana }},
		{"blackboxExporter", func(i *platform.MonitoringImages) *string { return &i.BlackboxExporter }},
		{"kubeStateMetrics", func(i *platform.MonitoringImages) *string { return &i.KubeStateMetrics }},
		{"postgresExporter", func(i *platform.MonitoringImages) *string { return &i.PostgresExporter }},
		{"redisExporter", func(i *platform.MonitoringImages) *string { return &i.RedisExporter }},
	} {
		all = append(all, imageValue("monitoring.images."+image.key, "Container image, with a tag or a digest.",
			func(e *platform.Environment) *string { return image.field(&of(e).Images) }))
	}
	return all
}

func generalSettings() []setting {
	create := flagValue("namespace.create", "Makes the namespace part of the release, with its labels and the policy that closes it. Without, it must be there already; pods of others in it stay as they are.",
		func(e *platform.Environment) *bool { return &e.Namespace.Create })
	create.checks = []string{check("checkNamespace", ".")}
	return []setting{
		textValue("environment", "Label of the namespace that tells people what runs there. Without effect if the chart does not make the namespace.", pattern(labelPattern),
			func(e *platform.Environment) *string { return &e.Name }),
		textValue("secretName", "Secret with the passwords that pods read. The chart makes none.", objectName(),
			func(e *platform.Environment) *string { return &e.Names.Secret }),
		create,
	}
}
