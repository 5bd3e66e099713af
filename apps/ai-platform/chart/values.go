package chart

import (
	"fmt"
	"strings"
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
		storeSettings("database", func(e *platform.Environment) *platform.Store { return &e.Database }, "256Mi", binaryShareForm(1, 8, "64Mi")),
		backupSettings(),
		storeSettings("redis", func(e *platform.Environment) *platform.Store { return &e.Redis }, leastMemory, shareForm(1, 3)),
		ingressSettings(),
		monitoringSettings(),
		clusterSettings(),
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

// podSettings are those of the pods of a tier.
func podSettings(tier string, of func(*platform.Environment) *constructs.PodProps, workloads ...workload) []setting {
	return []setting{
		pullSecretsValue(tier+".imagePullSecrets", func(e *platform.Environment) *[]string { return &of(e).ImagePullSecrets }),
		mapValue(tier+".nodeSelector", "Labels that nodes must have.", labelValue, "",
			func(e *platform.Environment) *map[string]string { return &of(e).NodeSelector }),
		tolerationsValue(tier+".tolerations", func(e *platform.Environment) *[]constructs.Toleration { return &of(e).Tolerations }),
		affinityValue(tier, workloads),
		nameValue(tier+".priorityClassName", "PriorityClass of the pods. Empty means the cluster's default.",
			func(e *platform.Environment) *string { return &of(e).PriorityClassName }),
		nameValue(tier+".runtimeClassName", "RuntimeClass of the pods, for a sandbox or GPUs. Empty means the default runtime of the nodes.",
			func(e *platform.Environment) *string { return &of(e).RuntimeClassName }),
		mapValue(tier+".podAnnotations", "Annotations of the pods.", "", "^checksum/files$",
			func(e *platform.Environment) *map[string]string { return &of(e).Annotations }),
		annotationsValue(tier+".annotations", "Annotations of the Deployment.", workloads),
	}
}

func accountValue(tier string, of func(*platform.Environment) *constructs.PodProps) setting {
	return nameValue(tier+".serviceAccountName", "ServiceAccount of the pods, which must exist. Empty means the namespace's \"default\".",
		func(e *platform.Environment) *string { return &of(e).ServiceAccountName })
}

// graceValue is above the seconds that the constructs wait before they stop a server.
func graceValue(tier string, of func(*platform.Environment) *constructs.PodProps) setting {
	grace := countValue(tier+".terminationGracePeriodSeconds",
		"Seconds until a stopping pod is killed. The program is told to stop after the first 5.", constructs.DefaultPreStopSeconds+1,
		func(e *platform.Environment) *int { return &of(e).TerminationGracePeriodSeconds })
	grace.Default = constructs.DefaultGracePeriodSeconds
	return grace
}

func httpTierSettings(tier string, of func(*platform.Environment) *platform.HTTPTier, taken ...string) []setting {
	scaling := func(e *platform.Environment) *constructs.Autoscaling { return &of(e).Scaling.Autoscaling }
	maxReplicas := countValue(tier+".autoscaling.maxReplicas", "Maximum number of pods; not below minReplicas.", 1,
		func(e *platform.Environment) *int { return &scaling(e).MaxReplicas })
	maxReplicas.checks = []string{check("checkReplicas", fmt.Sprintf("%q .Values.%s.autoscaling", maxReplicas.Path, tier))}
	all := []setting{
		countValue(tier+".replicaCount", "Number of pods. Ignored if autoscaling is enabled.", 0,
			func(e *platform.Environment) *int { return &of(e).Replicas }),
		imageValue(tier+".image", "Container image, with a tag or digest. An image with the tag \"latest\" is pulled whenever a pod starts.",
			func(e *platform.Environment) *string { return &of(e).Image }),
	}
	all = append(all, resourceSettings(tier+".resources.", func(e *platform.Environment) *constructs.Resources { return &of(e).Resources }, leastMemory)...)
	pod := func(e *platform.Environment) *constructs.PodProps { return &of(e).Pod }
	all = append(append(all, podSettings(tier, pod, deployments(tier)...)...), accountValue(tier, pod), graceValue(tier, pod))
	all = append(all, programSettings(tier, of, taken)...)
	return append(all,
		secretVariablesValue(tier+".secretEnv", taken,
			func(e *platform.Environment) *map[string]constructs.SecretKeyRef { return &of(e).SecretEnv }),
		variablesValue(tier, "Environment variables in addition to those of connections: a map of names to strings, which may refer to other variables as $(NAME).", taken,
			func(e *platform.Environment) *map[string]string { return &of(e).Env }),
		flagValue(tier+".autoscaling.enabled", "Lets a HorizontalPodAutoscaler set the number of pods. See the chart's README before you enable it.",
			func(e *platform.Environment) *bool { return &of(e).Scaling.Enabled }),
		countValue(tier+".autoscaling.minReplicas", "Minimum number of pods.", 1,
			func(e *platform.Environment) *int { return &scaling(e).MinReplicas }),
		maxReplicas,
		countValue(tier+".autoscaling.targetCPUUtilization", "Target for the average CPU usage, in percent of the request.", 1,
			func(e *platform.Environment) *int { return &scaling(e).TargetCPUUtilization }),
	)
}

// programSettings adapt the container to an image of the user's own, and pass Secrets to it.
func programSettings(tier string, of func(*platform.Environment) *platform.HTTPTier, taken []string) []setting {
	variables := fmt.Sprintf(".Values.%s.env .Values.%[1]s.secretEnv .Values.%[1]s.envFromSecrets (list %s)", tier, strings.Join(quoted(taken), " "))
	command := wordsValue(tier+".command", "Program to run and its first arguments, which may refer to variables as $(NAME). Empty means the image's entrypoint.",
		func(e *platform.Environment) *[]string { return &of(e).Command })
	command.checks = []string{check("checkWords", valueAt(command.Path), variables, "true")}
	args := wordsValue(tier+".args", "Arguments, which may refer to variables as $(NAME). Empty means the image's, or none if command is set.",
		func(e *platform.Environment) *[]string { return &of(e).Args })
	args.checks = []string{check("checkWords", valueAt(args.Path), variables, "false")}
	dir := textValue(tier+".workingDir", "Directory in which the program starts. Empty means the image's.", pattern("^$|^/"),
		func(e *platform.Environment) *string { return &of(e).WorkingDir })
	dir.checks = []string{check("checkDirectory", valueAt(dir.Path))}
	path := textValue(tier+".healthPath", "Path of the liveness and readiness probes.", pattern(urlPathPattern),
		func(e *platform.Environment) *string { return &of(e).HealthPath })
	path.Default = constructs.DefaultHealthPath
	path.probe = func(number int) any { return fmt.Sprintf("/probe-%d-path", number) }
	secrets := wordsValue(tier+".envFromSecrets", "Names of Secrets whose keys all become environment variables. Variables of connections, secretEnv and env take precedence.",
		func(e *platform.Environment) *[]string { return &of(e).EnvFromSecrets })
	secrets.Schema = map[string]any{"type": "array", "uniqueItems": true, "items": objectName()}
	return []setting{byHelpers(command), byHelpers(args), byHelpers(dir), path, byHelpers(secrets)}
}

// resourceSettings are those below a path that ends with a dot.
func resourceSettings(below string, of func(*platform.Environment) *constructs.Resources, leastLimit string, ofLimit ...chart.Form) []setting {
	requests, limits := below+"requests.", below+"limits."
	cpu := cpuValue(requests+"cpu", "CPU request, in cores: \"250m\" or 0.25.",
		func(e *platform.Environment) *string { return &of(e).Requests.CPU })
	cpu.checks = append(cpu.checks, check("checkRequest", valueAt(requests+"cpu"), valueAt(limits+"cpu"), `"millicores"`))
	memory := bytesValue(requests+"memory", "Memory request, as a string: 512Mi.", leastMemory,
		func(e *platform.Environment) *string { return &of(e).Requests.Memory })
	memory.checks = append(memory.checks, check("checkRequest", valueAt(requests+"memory"), valueAt(limits+"memory"), `"millibytes"`))
	return []setting{
		cpu,
		memory,
		cpuLimitValue(limits+"cpu", "CPU limit, not below the request, or \"none\" for no limit.",
			func(e *platform.Environment) *string { return &of(e).Limits.CPU }),
		bytesValue(limits+"memory", "Memory limit; not below the request.", leastLimit,
			func(e *platform.Environment) *string { return &of(e).Limits.Memory }, ofLimit...),
	}
}

func filesSettings() []setting {
	mode := accessModeValue("backend.storage.accessMode",
		"ReadWriteMany for several pods. The other modes allow one pod without autoscaling, which stops before a new one starts.",
		func(e *platform.Environment) *constructs.AccessMode { return &e.Files.AccessMode })
	mode.checks = []string{check("checkFiles", ".Values.backend")}
	return append(storageSettings("backend.storage",
		func(e *platform.Environment) *string { return &e.Files.Size },
		func(e *platform.Environment) *string { return &e.Files.StorageClassName }), mode)
}

func storeSettings(tier string, of func(*platform.Environment) *platform.Store, leastLimit string, ofLimit ...chart.Form) []setting {
	all := []setting{
		switchValue(tier+".replicaCount", "1, or 0 to stop the server. Two servers must not write to one volume.",
			func(e *platform.Environment) *int { return &of(e).Replicas }),
		imageValue(tier+".image", "Container image, with a tag or digest: the official Alpine variant or a compatible image.",
			func(e *platform.Environment) *string { return &of(e).Image }),
	}
	all = append(all, resourceSettings(tier+".resources.", func(e *platform.Environment) *constructs.Resources { return &of(e).Resources }, leastLimit, ofLimit...)...)
	pod := func(e *platform.Environment) *constructs.PodProps { return &of(e).Pod }
	workloads := deployments(tier)
	if tier == "database" {
		workloads = append(workloads, workload{"CronJob", "database-backup"}, workload{"CronJob", "database-restore"})
	}
	all = append(append(all, podSettings(tier, pod, workloads...)...), accountValue(tier, pod))
	return append(all, storageSettings(tier+".storage",
		func(e *platform.Environment) *string { return &of(e).Size },
		func(e *platform.Environment) *string { return &of(e).Class })...)
}

func backupSettings() []setting {
	return append([]setting{
		flagValue("database.backup.enabled", "Dumps the database every night at 3:00 UTC to a separate volume in the same cluster, which keeps the last seven dumps.",
			func(e *platform.Environment) *bool { return &e.Backup.Enabled }),
	}, storageSettings("database.backup.storage",
		func(e *platform.Environment) *string { return &e.Backup.Storage.Size },
		func(e *platform.Environment) *string { return &e.Backup.Storage.StorageClassName })...)
}

func storageSettings(path string, size, class func(*platform.Environment) *string) []setting {
	return []setting{
		sizeValue(path+".size", "Size of the volume. It can grow if its storage class allows it, but never shrink.", size),
		nameValue(path+".storageClassName", "StorageClass of the volume. Empty means the cluster's default.", class),
	}
}

func ingressSettings() []setting {
	host := textValue("ingress.host", "Public DNS name of the application. Empty matches every host that no other Ingress claims, which requires TLS and the public probe to be disabled.", optional(hostName()),
		func(e *platform.Environment) *string { return &e.Host })
	host.checks = []string{check("checkHost", valueAt(host.Path))}
	all := []setting{
		flagValue("ingress.enabled", "Routes external requests for the host to the frontend. Required by the public probe.",
			func(e *platform.Environment) *bool { return &e.Ingress.Enabled }),
		host,
		byHelpers(textValue("ingress.className", "IngressClass. Empty means the class of the controller's profile: nginx, traefik, haproxy, alb, gce or openshift-default.", optional(objectName()),
			func(e *platform.Environment) *string { return &e.Names.IngressClass })),
		byHelpers(mapValue("ingress.annotations", "Annotations of the Ingress. They override those of the controller's profile.", "",
			"^kubernetes[.]io/ingress[.]class$|^cert-manager[.]io/cluster-issuer$", func(e *platform.Environment) *map[string]string { return &e.Ingress.Annotations })),
	}
	all = append(all, controllerSettings()...)
	return append(all,
		flagValue("ingress.tls.enabled", "Serves the host over HTTPS. Disable it if a load balancer in front of the controller terminates TLS: the chart then requests no certificate and redirects nothing.",
			func(e *platform.Environment) *bool { return &e.Ingress.TLS }),
		byHelpers(setting{
			Value: chart.Value{Path: "ingress.tls.redirect", Default: true, Doc: "Redirects plain HTTP to HTTPS. Ignored without TLS.", Schema: map[string]any{"type": "boolean"}},
			set:   func(e *platform.Environment, value any) { e.Ingress.DisableRedirect = !value.(bool) },
		}),
		byHelpers(textValue("ingress.tls.secretName", "Secret that contains the certificate. Ignored with the profile aws, whose certificates are in AWS Certificate Manager.", objectName(),
			func(e *platform.Environment) *string { return &e.Names.Certificate })),
		byHelpers(textValue("ingress.tls.clusterIssuer", "cert-manager ClusterIssuer for the certificate. Leave it empty if the Secret already exists. Ignored with the profile aws.",
			optional(objectName()), func(e *platform.Environment) *string { return &e.Issuer })),
	)
}

// controllerSettings describe the ingress controller, for policies and annotations.
func controllerSettings() []setting {
	of := func(e *platform.Environment) *constructs.IngressController { return &e.Ingress.Controller }
	profile := textValue("ingress.controller.profile", "Ingress controller: ingress-nginx, f5-nginx, traefik, haproxy, aws, gce or openshift. It determines the annotations, the class and the network policies.",
		enum(profiles()...), func(e *platform.Environment) *string { return (*string)(&of(e).Profile) })
	profile.checks = []string{check("checkController", ".Values")}
	return []setting{
		byHelpers(profile),
		byHelpers(textValue("ingress.controller.namespace", "Namespace of the controller's pods. Empty means the profile's: ingress-nginx, nginx-ingress, traefik, haproxy-controller or openshift-ingress.",
			optional(labelName()), func(e *platform.Environment) *string { return &of(e).Namespace })),
		byHelpers(mapValue("ingress.controller.podLabels", "Labels of the controller's pods. Empty means the profile's.", labelValue, "",
			func(e *platform.Environment) *map[string]string { return &of(e).PodLabels })),
		byHelpers(cidrsValue("ingress.controller.cidrs", "CIDR blocks from which requests arrive, instead of the controller's pods: the nodes' addresses if the controller uses the host network, or the load balancer's subnets with aws. With gce, they default to the ranges of Google's load balancers.",
			func(e *platform.Environment) *[]string { return &of(e).CIDRs })),
		byHelpers(flagValue("ingress.controller.redirects", "Set it if the configuration of Traefik's entry point redirects HTTP to HTTPS for all hosts.",
			func(e *platform.Environment) *bool { return &of(e).Redirects })),
	}
}

func monitoringSettings() []setting {
	of := func(e *platform.Environment) *platform.Monitoring { return &e.Monitoring }
	all := []setting{
		flagValue("monitoring.enabled", "Adds Prometheus, Alertmanager, Grafana, kube-state-metrics, the blackbox exporter, and exporters in the tiers' pods. A change replaces all pods, including the database's.",
			func(e *platform.Environment) *bool { return &of(e).Enabled }),
		daysValue("monitoring.retention", "Retention of samples, in days: 30d.",
			func(e *platform.Environment) *time.Duration { return &of(e).Retention }),
		sizeValue("monitoring.storage.size", "Size of Prometheus's volume, of which samples use at most four fifths.",
			func(e *platform.Environment) *string { return &of(e).Size }, shareForm(4, 5)),
		nameValue("monitoring.storage.storageClassName", "StorageClass of the volumes of Prometheus and Alertmanager. Empty means the cluster's default.",
			func(e *platform.Environment) *string { return &of(e).Class }),
	}
	public := func(e *platform.Environment) *platform.PublicProbe { return &of(e).Public }
	asked := flagValue("monitoring.publicProbe.enabled", "Probes the public host over HTTPS, or HTTP if ingress.tls.enabled is false, with alerts on its status, latency and certificate. Disable it if pods cannot reach the host.",
		func(e *platform.Environment) *bool { return &public(e).Enabled })
	asked.checks = []string{check("checkPublicProbe", ".Values")}
	all = append(all, asked,
		byHelpers(flagValue("monitoring.publicProbe.insecureSkipVerify", "Accepts a certificate that is not signed by a public authority, such as one from letsencrypt-staging.",
			func(e *platform.Environment) *bool { return &public(e).InsecureSkipVerify })),
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
		all = append(all, imageValue("monitoring.images."+image.key, "Container image, with a tag or digest.",
			func(e *platform.Environment) *string { return image.field(&of(e).Images) }))
	}
	for _, container := range []struct {
		key   string
		field func(*platform.MonitoringResources) *constructs.Resources
	}{
		{"prometheus", func(r *platform.MonitoringResources) *constructs.Resources { return &r.Prometheus }},
		{"alertmanager", func(r *platform.MonitoringResources) *constructs.Resources { return &r.Alertmanager }},
		{"grafana", func(r *platform.MonitoringResources) *constructs.Resources { return &r.Grafana }},
		{"blackboxExporter", func(r *platform.MonitoringResources) *constructs.Resources { return &r.BlackboxExporter }},
		{"kubeStateMetrics", func(r *platform.MonitoringResources) *constructs.Resources { return &r.KubeStateMetrics }},
		{"postgresExporter", func(r *platform.MonitoringResources) *constructs.Resources { return &r.PostgresExporter }},
		{"redisExporter", func(r *platform.MonitoringResources) *constructs.Resources { return &r.RedisExporter }},
	} {
		all = append(all, resourceSettings("monitoring.resources."+container.key+".",
			func(e *platform.Environment) *constructs.Resources { return container.field(&of(e).Resources) }, leastMemory)...)
	}
	pod := func(e *platform.Environment) *constructs.PodProps { return &of(e).Pod }
	all = append(all, podSettings("monitoring", pod, deployments("alertmanager", "blackbox-exporter", "grafana", "kube-state-metrics", "prometheus")...)...)
	return append(all, nameValue("monitoring.serviceAccountName",
		"ServiceAccount of the pods, which must exist. The permissions of kube-state-metrics are bound to it. Empty means the namespace's \"default\", except for kube-state-metrics, which gets its own.",
		func(e *platform.Environment) *string { return &pod(e).ServiceAccountName }))
}

// kubeDNS and openShiftDNS are the values of cluster.dns.
const (
	kubeDNS      = "kube-dns"
	openShiftDNS = "openshift"
)

func clusterSettings() []setting {
	assigned := flagValue("cluster.assignsUsers", "Omits user and group IDs from the pods, for a cluster that assigns them and rejects others, such as OpenShift.",
		func(e *platform.Environment) *bool { return &e.Cluster.AssignsUsers })
	assigned.choice = func(s setting) chart.Choice {
		return chart.Choice{If: ".Values." + s.Path, Yes: with(s.Path, true)}
	}
	return []setting{
		assigned,
		{
			Value: chart.Value{
				Path: "cluster.dns", Default: kubeDNS,
				Doc:    "DNS servers that the network policies allow: kube-dns (including NodeLocal DNSCache; see networkPlugin) or openshift.",
				Schema: enum(kubeDNS, openShiftDNS),
			},
			set: func(e *platform.Environment, value any) {
				e.Cluster.DNS = nil
				if value == openShiftDNS {
					e.Cluster.DNS = []constructs.DNSServer{constructs.OpenShiftDNS()}
				}
			},
		},
		{
			Value: chart.Value{
				Path: "cluster.networkPlugin", Default: "",
				Doc:    "Set it to Cilium if the network plugin is Cilium. NodeLocal DNSCache, if installed, must then receive queries through a CiliumLocalRedirectPolicy; with other plugins it must listen on 169.254.20.10.",
				Schema: enum("", string(constructs.NetworkPluginCilium)),
			},
			set: func(e *platform.Environment, value any) {
				e.Cluster.NetworkPlugin = constructs.NetworkPlugin(value.(string))
			},
		},
		familiesValue("cluster.ipFamilies", "IP families of the Services: [IPv4], [IPv6], or both in order of preference. Empty means the cluster's default.",
			func(e *platform.Environment) *[]constructs.IPFamily { return &e.Cluster.IPFamilies }),
	}
}

func generalSettings() []setting {
	create := flagValue("namespace.create", "Includes the namespace in the release, with its labels and a network policy that denies all undeclared connections. If false, the namespace must exist, and the policies do not affect other pods in it.",
		func(e *platform.Environment) *bool { return &e.Namespace.Create })
	create.checks = []string{check("checkNamespace", ".")}
	labels := mapValue("commonLabels", "Labels of all objects, in addition to their own. They are not added to pods.",
		labelValue, "^(app|component|name|environment)$|^(app|pod-security)[.]kubernetes[.]io/|^kubernetes[.]io/metadata[.]name$",
		func(e *platform.Environment) *map[string]string { return &e.Labels })
	labels.NoChoice, labels.choice = true, nil
	return []setting{
		textValue("environment", "Label of the namespace that names the environment. Ignored if the chart does not create the namespace.", pattern(labelPattern),
			func(e *platform.Environment) *string { return &e.Name }),
		textValue("secretName", "Secret with the passwords that the pods read. The chart does not create it.", objectName(),
			func(e *platform.Environment) *string { return &e.Names.Secret }),
		create,
		labels,
	}
}
