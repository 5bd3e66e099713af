// Package kernel compares the kernel that is written in Go with the original, cdk8s on Node.js.
package kernel
