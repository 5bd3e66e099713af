package constructs

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/apitype"
	"github.com/ai-platform/manifests/internal/kernel"
	"github.com/ai-platform/manifests/internal/manifest"
)

// synthesis is what cdk8s writes of an application, chart by chart. The objects are checked as they come, and not kept.
type synthesis struct {
	names  []string // Of the files, one for each chart.
	texts  [][]byte // Their contents.
	charts []int    // The chart of each object.

	types   apitype.Checker
	seen    map[manifest.Key]bool
	twice   []string // What is declared twice.
	misread bool     // Whether kubectl reads another object than cdk8s wrote.
}

// synthesize has cdk8s write all charts.
func synthesize(app cdk8s.App) (*synthesis, error) {
	s := &synthesis{seen: map[manifest.Key]bool{}}
	var text string
	if kernel.Ask(app, "synthYaml", &text, s.read) {
		if s.names == nil {
			s.names = fileNames(*app.Charts())
		}
		return s, nil
	}
	s = &synthesis{seen: map[manifest.Key]bool{}}
	documents, charts := splitDocuments([]byte(*app.SynthYaml())), *app.Charts()
	s.names = fileNames(charts)
	for _, chart := range charts {
		objects := *chart.ToJson()
		if len(objects) > len(documents) {
			return nil, fmt.Errorf("cdk8s wrote %d YAML documents for %d objects", len(documents), len(objects))
		}
		own := documents[:len(objects)]
		s.add(objects, own, bytes.Join(own, []byte("---\n")))
		documents = documents[len(objects):]
	}
	if len(documents) > 0 {
		return nil, fmt.Errorf("cdk8s wrote %d YAML documents for no objects", len(documents))
	}
	return s, nil
}

// read reads what the native kernel writes.
func (s *synthesis) read(charts *bufio.Reader) error {
	for {
		line, err := charts.ReadString('\n')
		if err != nil {
			return err // The end comes after the names.
		}
		length, err := strconv.Atoi(strings.TrimSuffix(line, "\n"))
		if err != nil {
			return json.Unmarshal([]byte(line), &s.names)
		}
		if err := s.readChart(charts, length); err != nil {
			return err
		}
	}
}

func (s *synthesis) readChart(charts *bufio.Reader, length int) error {
	line, err := charts.ReadBytes('\n')
	if err != nil {
		return err
	}
	var objects []any
	if err := json.Unmarshal(line, &objects); err != nil {
		return err
	}
	text := make([]byte, length)
	if _, err := io.ReadFull(charts, text); err != nil {
		return err
	}
	documents := splitDocuments(text)
	if len(documents) != len(objects) {
		return fmt.Errorf("%d YAML documents for %d objects", len(documents), len(objects))
	}
	s.add(objects, documents, text)
	return nil
}

// add checks the objects of the next chart, and keeps its text.
func (s *synthesis) add(objects []any, documents [][]byte, text []byte) {
	for i, object := range objects {
		s.charts = append(s.charts, len(s.texts))
		s.types.Check(object)
		s.misread = s.misread || manifest.Misread(object, documents[i])
		key := manifest.KeyOf(object)
		if s.seen[key] {
			s.twice = append(s.twice, fmt.Sprintf("  %s is declared twice", key))
		}
		s.seen[key] = true
	}
	s.texts = append(s.texts, text)
}

// files are the names of the files that the objects are in.
func (s *synthesis) files() []string {
	files := make([]string, len(s.charts))
	for i, chart := range s.charts {
		files[i] = s.names[chart]
	}
	return files
}

// checkUnique reports objects that would replace each other in the cluster. Those of this package are found before, with
// their construct's path; here are also the objects that a program adds itself.
func (s *synthesis) checkUnique() error {
	if len(s.twice) > 0 {
		return fmt.Errorf("objects would replace each other in the cluster:\n%s", strings.Join(s.twice, "\n"))
	}
	return nil
}

// checkReadBack reports values that kubectl would read differently, including those in patches and in the program's own objects. The error has the format
// of cdk8s's validation errors.
func (s *synthesis) checkReadBack(app cdk8s.App) error {
	if !s.misread {
		return nil
	}
	var problems []string
	manifest.ReportMisread(app, func(at awsconstructs.Construct, errs field.ErrorList) {
		for _, err := range errs {
			problems = append(problems, fmt.Sprintf("  [%s] %s", *at.Node().Path(), err))
		}
	})
	if len(problems) > 0 {
		return fmt.Errorf("Validation failed with the following errors:\n%s", strings.Join(problems, "\n")) //nolint:staticcheck // As cdk8s does.
	}
	return nil
}

// splitDocuments splits where cdk8s joined. No other line is three dashes: it indents text of several lines.
func splitDocuments(text []byte) [][]byte {
	var documents [][]byte
	for len(text) > 0 {
		end := bytes.Index(text, []byte("\n---\n"))
		if end < 0 {
			return append(documents, text)
		}
		documents = append(documents, text[:end+1])
		text = text[end+len("\n---\n"):]
	}
	return documents
}
