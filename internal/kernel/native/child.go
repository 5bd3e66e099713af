package native

import (
	"bufio"
	"os"
)

// The variables that tell a child process about its parent.
const (
	// Marker is the argument of the process that is to be the kernel. jsii runs $SHELL -c $JSII_RUNTIME.
	Marker = "ai-platform-kernel"

	// VariableExit holds the name of the package whose loading ends the kernel.
	VariableExit = "AI_PLATFORM_KERNEL_EXIT"

	// VariableFolder holds the directory of the kernel's files, which it removes at its end.
	VariableFolder = "AI_PLATFORM_KERNEL_DIRECTORY"

	// VariableCompare is set if Node.js is to repeat everything at the end.
	VariableCompare = "AI_PLATFORM_KERNEL_COMPARE"
)

// Left is what the kernel of this process leaves to Node.js. It is nil in all other processes.
var Left *Transcript

// init is the kernel, if this process is to be one. Go initializes the packages that are ready in the order of their paths: what runs here need not
// wait for the packages of the program, whose initialization takes longer than everything else.
// https://go.dev/ref/spec#Program_initialization
func init() {
	if len(os.Args) != 3 || os.Args[1] != "-c" || os.Args[2] != Marker || os.Getenv(VariableExit) == "" {
		return
	}
	outliveSignals()
	folder := os.Getenv(VariableFolder)
	s := session{
		kernel:      newKernel(),
		in:          bufio.NewReaderSize(os.Stdin, 1<<16),
		out:         os.Stdout,
		exitMessage: os.Getenv(VariableExit),
		comparing:   os.Getenv(VariableCompare) != "",
		folder:      folder,
		record:      record{path: folder + "/" + Record},
	}
	_ = os.WriteFile(folder+"/"+Aside, nil, 0o600) // Without the file, nobody asks for anything aside.
	if Left = s.run(); Left != nil {
		protectOutput()
		return
	}
	if os.RemoveAll(folder) != nil {
		os.Exit(1)
	}
	os.Exit(0)
}
