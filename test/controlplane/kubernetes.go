package main

import (
	"os"
	_ "time/tzdata" // CronJobs name time zones, and a small machine may have no table of them

	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/metrics/prometheus/clientgo" // the components' own metrics of their API calls
	kubectlcmd "k8s.io/kubectl/pkg/cmd"
	"k8s.io/kubectl/pkg/cmd/util"
	apiserverapp "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanagerapp "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	schedulerapp "k8s.io/kubernetes/cmd/kube-scheduler/app"
)

func etcd() error {
	etcdmain.Main(os.Args)
	return nil
}

func apiServer() error {
	return cli.RunNoErrOutput(apiserverapp.NewAPIServerCommand())
}

func controllerManager() error {
	return cli.RunNoErrOutput(controllermanagerapp.NewControllerManagerCommand())
}

func scheduler() error {
	return cli.RunNoErrOutput(schedulerapp.NewSchedulerCommand())
}

// kubectl leaves errors to kubectl's own printer, which knows exit codes (1 of diff means "there are differences") and formats that
// the others do not.
func kubectl() error {
	util.CheckErr(cli.RunNoErrOutput(kubectlcmd.NewDefaultKubectlCommand()))
	return nil
}
