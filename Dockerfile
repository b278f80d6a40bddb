# The image of the action: one static binary and the CA roots, nothing else.

# The build image is named by its tag, because a digest that nobody has checked against the registry
# would be worse than none. A release passes the digest: --build-arg GO_IMAGE=golang:1.26@sha256:<digest>.
ARG GO_IMAGE=golang:1.26

FROM ${GO_IMAGE} AS build
# Only for machines that reach modules through a proxy of their own. Empty means Go's default.
ARG GOPROXY
WORKDIR /src
# The modules first: this layer is built again only when go.mod or go.sum change.
COPY go.mod go.sum ./
RUN go mod download
COPY cmd cmd
COPY pkg pkg
# Without it the program says the version that its source has.
ARG VERSION
# The image has a budget (docs/adr/0018): functions are put into their callers in the runtime and where signatures
# are computed, and begin at every fourth byte. The last pattern that fits a package counts.
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false \
      -gcflags=all=-l -gcflags=runtime/...= -gcflags=internal/runtime/...= -gcflags=sync/...= \
      -gcflags=crypto/internal/fips140/bigmod= -gcflags=crypto/internal/fips140/edwards25519/...= \
      -gcflags=crypto/internal/fips140/nistec/...= -gcflags=crypto/internal/fips140/sha256= \
      -gcflags=crypto/internal/fips140/sha512= -gcflags=github.com/pjbgf/...= \
      -ldflags "-s -w -funcalign=4 ${VERSION:+-X github.com/stageward/stageward/pkg/cli.version=${VERSION}}" \
      -o /out/stageward ./cmd/stageward

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/stageward /stageward
# No USER: the runner mounts GITHUB_OUTPUT and GITHUB_STEP_SUMMARY with the owner of the host. GitHub's documentation
# of Docker container actions therefore asks for root; another user could not write the decision.
# No WORKDIR: the runner sets it.
ENTRYPOINT ["/stageward"]
