package monitoring

import (
	"bytes"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// quotedText is text that YAML writes in quotes, whatever it says. It is for names of Kubernetes objects, which may look like
// a number or a date: "2024-01-01" is a good namespace. A name that is no text is reported as such, so that here it must only not
// stop the encoder.
type quotedText string

// MarshalYAML implements yaml.Marshaler.
func (t quotedText) MarshalYAML() (any, error) {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.DoubleQuotedStyle, Value: strings.ToValidUTF8(string(t), "\ufffd")}, nil
}

// yamlText is a file of YAML. It expects what can be written as such.
func yamlText(value any) string {
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	if err := encoder.Encode(value); err != nil {
		panic(fmt.Errorf("encode %T: %w", value, err))
	}
	return text.String()
}
