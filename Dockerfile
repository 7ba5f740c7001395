# The image of a service: the campus card, or another program of the workspace.
#
#   docker build -t wellspring/campus-card:0.1.0 .
#   docker run --read-only -p 8080:8080 -p 8081:8081 wellspring/campus-card:0.1.0 --listen 0.0.0.0:8080
#   curl localhost:8081/health
#
# Another program, and a Kafka that wants TLS or SCRAM:
#
#   docker build --build-arg BIN=quickstart --build-arg FEATURES=wellspring/tls .
#
# Where no image can be pulled, or others are to be used, the two bases are arguments as well.
ARG BUILD_IMAGE=rust:1.95-bookworm
ARG RUNTIME_IMAGE=debian:bookworm-slim

FROM ${BUILD_IMAGE} AS build
ARG PACKAGE=wellspring-examples
ARG BIN=campus-card
ARG PROFILE=release
ARG FEATURES=""
WORKDIR /src
COPY . .
# One command, so that the layer that is kept has the program and not all that it was made of.
RUN cargo build --locked --package "$PACKAGE" --bin "$BIN" --profile "$PROFILE" --features "$FEATURES" --target-dir /tmp/target && \
    case "$PROFILE" in dev) folder=debug ;; *) folder=$PROFILE ;; esac && \
    install -D --strip "/tmp/target/$folder/$BIN" /out/service && \
    rm -rf /tmp/target

FROM ${RUNTIME_IMAGE}
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/service /usr/local/bin/service
# Health is for probes from outside of the container.
ENV WELLSPRING_ACTUATOR_HOST=0.0.0.0 WELLSPRING_ACTUATOR_PORT=8081
# A `wellspring.toml` that is mounted here is read.
WORKDIR /etc/wellspring
# A number, so that Kubernetes can see that it is not root's.
USER 65532:65532
EXPOSE 8080 8081
ENTRYPOINT ["/usr/local/bin/service"]
