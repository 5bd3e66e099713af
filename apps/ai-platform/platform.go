package main

import (
	_ "embed"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"

	"github.com/ai-platform/manifests/constructs"
)

// appName begins the names of all objects.
const appName = "ai-platform"

// initSQL prepares an empty database.
//
//go:embed init.sql
var initSQL string

// platform composes the tiers. Each chart is a file, and their ids are the order in which kubectl applies them.
func (e environment) platform(app cdk8s.App) {
	if e.namespace.create {
		constructs.NewNamespace(e.chart(app, "00-namespace"), "namespace", constructs.NamespaceProps{
			Labels: map[string]string{"name": e.namespace.name, "environment": e.name},
		})
	}
	database := constructs.NewPostgres(e.chart(app, "10-database"), "database", constructs.PostgresProps{
		Image:       e.database.image,
		Replicas:    e.database.replicas,
		Credentials: constructs.PostgresCredentials{Secret: e.names.secret},
		Resources:   e.database.resources,
		Storage:     constructs.Storage{ClaimName: "postgres-data-pvc", Size: e.database.size, StorageClassName: e.database.class},
		InitSQL:     initSQL,
		Backup:      e.backup,
		Exporter:    e.exporter(e.monitoring.images.postgresExporter),
	})
	redis := constructs.NewRedis(e.chart(app, "20-redis"), "redis", constructs.RedisProps{
		Image:     e.redis.image,
		Replicas:  e.redis.replicas,
		Password:  e.secretKey(redisPasswordKey),
		Resources: e.redis.resources,
		Storage:   constructs.Storage{ClaimName: "redis-data-pvc", Size: e.redis.size, StorageClassName: e.redis.class},
		Exporter:  e.exporter(e.monitoring.images.redisExporter),
	})
	backend := constructs.NewBackend(e.chart(app, "30-backend"), "backend", constructs.BackendProps{
		Image:       e.backend.image,
		Replicas:    e.backend.fixedReplicas(),
		Autoscaling: e.backend.autoscaling(),
		Resources:   e.backend.resources,
		Env:         e.backend.env,
		Storage:     &e.files,
		EmptyDirs:   []constructs.EmptyDir{{Path: "/app/logs"}},
		Database:    database,
		Redis:       redis,
		Metrics:     e.metrics(),
	})
	frontend := constructs.NewFrontend(e.chart(app, "40-frontend"), "frontend", constructs.FrontendProps{
		Image:       e.frontend.image,
		Replicas:    e.frontend.fixedReplicas(),
		Autoscaling: e.frontend.autoscaling(),
		Resources:   e.frontend.resources,
		Env:         e.frontend.env,
		Backend:     backend,
		Metrics:     e.metrics(),
	})
	constructs.NewIngress(e.chart(app, "50-ingress"), "ingress", constructs.IngressProps{
		Host:          e.host,
		ClassName:     e.names.ingressClass,
		TLSSecretName: e.names.certificate,
		ClusterIssuer: e.issuer,
		Backend:       frontend,
	})
	if e.monitoring.enabled {
		e.watch(app)
	}
}

func (e environment) chart(app cdk8s.App, id string) cdk8s.Chart {
	return cdk8s.NewChart(app, jsii.String(id), &cdk8s.ChartProps{
		Namespace: jsii.String(e.namespace.name),
		Labels:    &map[string]*string{"app": jsii.String(appName)},
	})
}

// secretKey is a key of the one Secret that all pods read.
func (e environment) secretKey(key string) constructs.SecretKey {
	return constructs.SecretKey{Secret: e.names.secret, Key: key}
}

// fixedReplicas is nil where the load decides.
func (t httpTier) fixedReplicas() *int {
	if t.scaling.enabled {
		return nil
	}
	return &t.replicas
}

func (t httpTier) autoscaling() *constructs.Autoscaling {
	if !t.scaling.enabled {
		return nil
	}
	return &t.scaling.Autoscaling
}
