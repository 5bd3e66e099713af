module github.com/ai-platform/manifests/test/lifeline

go 1.26.0
