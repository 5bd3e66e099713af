// Package imports has the cdk8s CLI make Go types of a custom resource, as people do who need one beside the constructs, and synthesizes
// both.
package imports
