package main

import (
	"log"

	"github.com/ai-platform/manifests/constructs"
)

func main() {
	log.SetFlags(0)
	defer constructs.Close()
	if err := constructs.Synth("dist", platform(production)); err != nil {
		constructs.Close()
		log.Fatal(err)
	}
}
