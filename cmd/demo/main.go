// Command demo runs the whole action against an in-process GitHub: four
// deployments that are allowed, five that are refused. It needs no token, no
// network and no container.
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
