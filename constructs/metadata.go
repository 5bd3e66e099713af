package constructs

import (
	"encoding/json"
	"fmt"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
)

// The file from which validation plugins of the cdk8s CLI learn the construct of an object. The CLI asks for it by
// the environment variable. https://cdk8s.io/docs/latest/cli/synth/
const (
	metadataFile     = "construct-metadata.json"
	metadataVariable = "CDK8S_RECORD_CONSTRUCT_METADATA"
)

func constructMetadata(app cdk8s.App) []byte {
	type resource struct {
		Path string `json:"path"`
	}
	resources := map[string]resource{}
	for _, node := range *app.Node().FindAll(awsconstructs.ConstructOrder_PREORDER) {
		if object, ok := node.(cdk8s.ApiObject); ok {
			resources[*object.Name()] = resource{Path: *object.Node().Path()}
		}
	}
	encoded, err := json.Marshal(map[string]any{"version": "1.0.0", "resources": resources})
	if err != nil {
		panic(fmt.Errorf("encode construct metadata: %w", err))
	}
	return encoded
}
