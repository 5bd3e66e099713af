package cluster

import (
	"errors"
	"net"
	"strconv"
)

// FreePorts returns different ports that nothing on this machine listens to. The kernel hands out such ports in no order, so another
// program hardly gets one of them before the cluster does.
func FreePorts(count int) (ports []int, err error) {
	for range count {
		listener, listenErr := net.Listen("tcp", loopback(0))
		if listenErr != nil {
			return nil, listenErr
		}
		// Held until all are found, so that they differ.
		defer func() { err = errors.Join(err, listener.Close()) }()
		ports = append(ports, listener.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}

func loopback(port int) string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
}
