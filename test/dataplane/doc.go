// Package dataplane sends requests through a real proxy that is configured by the objects of the constructs: Traefik 3.6 as an Ingress
// controller, and as an implementation of Gateway API, fed by a real API server. Behind it, servers of the tests stand in for the tiers,
// in a network of the tests' own.
//
// Traefik is built for version 1.4 of Gateway API; the definitions are those of 1.6. It has no ListenerSet. Policies are not enforced: see
// test/reach.
package dataplane
