// Package acceptance proves that what the constructs accept, the API server accepts: unchanged and without a warning.
package acceptance
