# Compiles everything in containers, for a machine that is not Debian 12: the image jumun-binaries holds
# nothing but the programs, and Dockerfile makes the parts' images from it.
#
#   docker build -f deploy/docker/compile.Dockerfile -t jumun-binaries:local .
ARG DEBIAN=debian:bookworm-slim
ARG GO=golang:1.26.8-bookworm
ARG RUST=rust:1.95.0-slim-bookworm
ARG NODE=node:20-bookworm-slim

FROM ${GO} AS go

FROM ${RUST} AS rust

FROM ${NODE} AS node

FROM ${DEBIAN} AS compile
ENV PATH=/usr/local/go/bin:/usr/local/cargo/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    RUSTUP_HOME=/usr/local/rustup CARGO_HOME=/usr/local/cargo
COPY --from=go /usr/local/go /usr/local/go
COPY --from=rust /usr/local/cargo /usr/local/cargo
COPY --from=rust /usr/local/rustup /usr/local/rustup
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=node /usr/local/lib/node_modules/npm /usr/local/lib/node_modules/npm
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
WORKDIR /src
# What changes least first: the packages stay where only the sources change.
COPY tools/setup tools/
COPY deploy/temporal/go.mod deploy/temporal/
RUN tools/setup
COPY . .
RUN tools/build --into /programs

FROM scratch
COPY --from=compile /programs /
