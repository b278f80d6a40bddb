// Command demo runs the whole action against an in-process GitHub: deployments
// that are allowed, deployments that are refused, and an audit. It needs no
// token, no network and no container.
package main

import (
	"context"
	"fmt"
	"os"
)

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}
