package cli

// version is what the program says it is. "go run ./cmd/release" writes it.
const version = "0.1.0-dev"
