package operate

// secretReport says which Secret it is, in what --output=json prints.
type secretReport struct {
	Environment string `json:"environment"`
	Context     string `json:"context,omitempty"` // Of the kubeconfig.
	Namespace   string `json:"namespace"`
	Name        string `json:"name"`
}

func (c *secretCluster) report() secretReport {
	return secretReport{Environment: c.environment, Context: c.context, Namespace: c.secret.Namespace, Name: c.secret.Name}
}

// keepReport is of --keep.
type keepReport struct {
	secretReport
	Kept    []string          `json:"kept"`
	Added   []string          `json:"added"`
	Renewed []string          `json:"renewed"`
	Absent  []absentKey       `json:"absent"`
	Written bool              `json:"written"`
	Data    map[string]string `json:"data,omitempty"` // As the Secret's. Only by --show.
}

// absentKey is one that the Secret lacks, and that cannot be made.
type absentKey struct {
	Key      string `json:"key"`
	Required bool   `json:"required"` // A pod waits for it.
}

func (c *secretCluster) keepReport(p *secretPlan, written, values bool) keepReport {
	list := func(keys []string) []string { return append([]string{}, keys...) } // In JSON, null is no list.
	report := keepReport{
		secretReport: c.report(), Kept: list(p.kept), Added: list(p.added), Renewed: list(p.renewed), Absent: []absentKey{}, Written: written,
	}
	for _, key := range p.absent {
		report.Absent = append(report.Absent, absentKey{key, c.read.needed(key)})
	}
	if values {
		report.Data = encode(p.values)
	}
	return report
}

// rotationReport is of --rotate.
type rotationReport struct {
	secretReport
	Key   string         `json:"key"`
	Steps []rotationStep `json:"steps"`
}

func (c *secretCluster) rotationReport(steps []rotationStep) rotationReport {
	return rotationReport{secretReport: c.report(), Key: c.renew, Steps: steps}
}
