package constructs

import (
	"slices"

	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/manifest"
)

// serversUsed are the servers that a program is connected to, by the props of these names.
type serversUsed struct {
	database    PostgresServer
	redis       RedisServer
	model       *Model
	connections []Server
}

func (s serversUsed) all(path *field.Path) []manifest.Connection {
	connections := slices.Concat(
		manifest.Connect(path.Child("database"), s.database),
		manifest.Connect(path.Child("redis"), s.redis),
	)
	if s.model != nil {
		connections = append(connections, manifest.Connect(path.Child("model"), *s.model)...)
	}
	for i, server := range s.connections {
		connections = append(connections, manifest.Connect(path.Child("connections").Index(i), server)...)
	}
	return connections
}

// env returns the variables that the connections set.
func (s serversUsed) env(client manifest.Component) []*k8s.EnvVar {
	var env []*k8s.EnvVar
	if !manifest.IsNil(s.database) {
		env = append(env, s.database.databaseEnv()...)
	}
	if !manifest.IsNil(s.redis) {
		env = append(env, s.redis.redisEnv(client)...)
	}
	if s.model != nil {
		env = append(env, s.model.env(client)...)
	}
	return env
}
