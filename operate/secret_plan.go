package operate

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// secretPlan is what the Secret becomes.
type secretPlan struct {
	live   *unstructured.Unstructured // Nil if there is none yet.
	new    []byte                     // The manifest, if there is none yet.
	values map[string]string

	// Keys. Those that are absent cannot be made.
	kept, added, renewed, absent []string
}

// changes reports whether there is anything to write.
func (p *secretPlan) changes() bool { return len(p.added)+len(p.renewed) > 0 }

// plan reads the Secret and completes its values. It changes nothing.
func (c *secretCluster) plan(ctx context.Context) (*secretPlan, error) {
	live, err := c.find(ctx)
	if err != nil {
		return nil, err
	}
	if live == nil {
		return c.planNew(ctx)
	}
	former, err := secretValues(live)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.name(), err)
	}
	p, err := c.complete(former)
	if refusal := c.refusal(live, p); refusal != nil {
		return nil, refusal
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.name(), err)
	}
	p.live = live
	return p, c.requireNotInUse(ctx, p)
}

// requireNotInUse wants no server that runs with a value that the Secret lacks: another one would lock its clients out.
func (c *secretCluster) requireNotInUse(ctx context.Context, p *secretPlan) error {
	for _, key := range p.added {
		if _, rotates := c.secret.Rotations[key]; !rotates || key == c.renew {
			continue
		}
		reader, err := c.running(ctx, c.read[key], map[string]bool{})
		if err != nil {
			return err
		}
		if reader != nil {
			return fmt.Errorf("%s has no key %s, but pods of %s may still use its value: add that value, which the command below prints, or generate a new one with --renew %s\n\n"+
				"%s exec %s -c %s -- printenv %s", c.name(), key, reader.object(), key, c.shell.kubectl, reader.target(), reader.container, reader.variable)
		}
	}
	return nil
}

// complete keeps values, except those to renew, and adds the keys that are read.
func (c *secretCluster) complete(former map[string]string) (*secretPlan, error) {
	p := &secretPlan{values: maps.Clone(former)}
	if c.renew != "" {
		if err := c.requireComposed(former); err != nil {
			return nil, err
		}
		for _, key := range append([]string{c.renew}, c.secret.Rotations[c.renew].Derived...) {
			delete(p.values, key)
		}
	}
	p.kept = slices.Sorted(maps.Keys(p.values))
	made := maps.Clone(p.values)
	if err := c.secret.Fill(made); err != nil {
		return nil, err
	}
	for _, key := range c.wanted(former) {
		_, had := former[key]
		value, is := made[key]
		switch {
		case slices.Contains(p.kept, key):
			continue
		case had && !is:
			return nil, fmt.Errorf("no new value can be generated for %s", key)
		case !is:
			p.absent = append(p.absent, key)
			continue
		case had:
			p.renewed = append(p.renewed, key)
		default:
			p.added = append(p.added, key)
		}
		p.values[key] = value
	}
	return p, nil
}

// requireComposed wants derived values to be what Fill makes of the others: of an address with another host or with parameters these would
// be lost.
func (c *secretCluster) requireComposed(former map[string]string) error {
	for _, key := range c.secret.Rotations[c.renew].Derived {
		composed := maps.Clone(former)
		delete(composed, key)
		if err := c.secret.Fill(composed); err != nil {
			return err
		}
		if value, has := former[key]; has && value != composed[key] {
			return fmt.Errorf("%s differs from the value composed of the other keys: change %s and %s by hand", key, c.renew, key)
		}
	}
	return nil
}

// wanted are the keys that the Secret has, and those that are read.
func (c *secretCluster) wanted(former map[string]string) []string {
	keys := slices.AppendSeq(c.read.keys(), maps.Keys(former))
	slices.Sort(keys)
	return slices.Compact(keys)
}

// planNew makes a Secret where none is, unless pods still have the values of one that is lost.
func (c *secretCluster) planNew(ctx context.Context) (*secretPlan, error) {
	if err := c.requireNotLost(ctx); err != nil {
		return nil, err
	}
	if c.renew != "" {
		return nil, fmt.Errorf("%s does not exist: create it with --keep", c.name())
	}
	manifest, err := c.secret.New()
	if err != nil {
		return nil, err
	}
	var made unstructured.Unstructured
	if err := yaml.Unmarshal(manifest, &made.Object); err != nil {
		return nil, errors.New("the new Secret is invalid YAML")
	}
	values, err := secretValues(&made)
	if err != nil {
		return nil, err
	}
	p := &secretPlan{new: manifest, values: values, added: slices.Sorted(maps.Keys(values))}
	for _, key := range c.read.keys() {
		if _, has := values[key]; !has {
			p.absent = append(p.absent, key)
		}
	}
	return p, nil
}

func (c *secretCluster) needed(keys []string) []string {
	var needed []string
	for _, key := range keys {
		if c.read.needed(key) {
			needed = append(needed, key)
		}
	}
	return needed
}
