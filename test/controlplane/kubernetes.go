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

// components are the programs in this binary. Each reads os.Args as if it were alone.
var components = map[string]func() error{
	"etcd":                    func() error { etcdmain.Main(os.Args); return nil },
	"kube-apiserver":          func() error { return cli.RunNoErrOutput(apiserverapp.NewAPIServerCommand()) },
	"kube-controller-manager": func() error { return cli.RunNoErrOutput(controllermanagerapp.NewControllerManagerCommand()) },
	"kube-scheduler":          func() error { return cli.RunNoErrOutput(schedulerapp.NewSchedulerCommand()) },
	"kubectl":                 kubectl,
	"stand-ins":               standIns,
	"janitor":                 janitor,
}

// kubectl leaves errors to kubectl's own printer, which knows exit codes (1 of diff means "there are differences") and formats that
// the others do not.
func kubectl() error {
	util.CheckErr(cli.RunNoErrOutput(kubectlcmd.NewDefaultKubectlCommand()))
	return nil
}
