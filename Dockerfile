# The image of the action: one static binary and the CA roots, nothing else.

# The build image is named by its tag, because a digest that nobody has checked against the registry
# would be worse than none: --build-arg GO_IMAGE=golang:1.26@sha256:<digest> is for whoever knows it. What is released
# is not built here (cmd/release); the gate of our own workflows is.
ARG GO_IMAGE=golang:1.26

FROM ${GO_IMAGE} AS build
# Only for machines that reach modules through a proxy of their own. Empty means Go's default.
ARG GOPROXY
WORKDIR /src
# The modules first: this layer is built again only when go.mod or go.sum change.
COPY go.mod go.sum ./
RUN go mod download
COPY .ci/compile .ci/
COPY cmd cmd
COPY pkg pkg
RUN mkdir /out && .ci/compile /out/stageward && go run ./pkg/internal/roots >/out/cert.pem

FROM scratch
# Not below /etc/ssl/certs, where Go would read the file a second time, as one of a folder.
COPY --from=build /out/cert.pem /etc/ssl/cert.pem
COPY --from=build /out/stageward /stageward
# No USER: the runner mounts GITHUB_OUTPUT and GITHUB_STEP_SUMMARY with the owner of the host. GitHub's documentation
# of Docker container actions therefore asks for root; another user could not write the decision.
# No WORKDIR: the runner sets it.
ENTRYPOINT ["/stageward"]
